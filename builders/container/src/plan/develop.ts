import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { DevelopmentPlan, DevelopmentRequest, StepDraft } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import type { EngineChoice, ImageInput } from '../input.ts';
import { planContainer } from './plan.ts';

/** The file below the service's state that says which image there is to run. */
export const DESCRIPTION = 'image.json';

/**
 * The service's `buildCommand`, if it has one, in place; then its image, and the container. All of it again at every change;
 * the engine's own cache makes that quick.
 */
export async function developContainer(
  request: DevelopmentRequest,
  choice: EngineChoice,
): Promise<Result<DevelopmentPlan>> {
  const planned = await planContainer(request, choice);
  if (!planned.ok) return planned;
  const { steps } = planned.value;
  const input = steps.flatMap(({ command }) => (command.type === 'tool' ? [command.input] : []))[0];
  if (!input) throw new Error('a container was planned without its image');
  const { settings, dockerfile, context, command, ...rest } = input as ImageInput;
  // It runs on this machine, so this machine's architecture is the right one.
  const { architecture: _, ...own } = settings;
  const image: ImageInput = { ...rest, settings: own, dockerfile, context, command };
  const prepare: StepDraft[] = steps.map(step =>
    step.command.type === 'tool'
      ? { ...step, command: { type: 'tool', tool: 'container/develop', input: image } }
      : step,
  );
  const { buildCommand, root } = request.service;
  return ok({
    install: [],
    prepare,
    serve: {
      type: 'container',
      label: `image of ${posix.join(root, dockerfile)}`,
      image: DESCRIPTION,
      command: command ?? [],
      memory: typeof settings.memory === 'number' ? settings.memory : null,
    },
    reload: 'restart',
    // A build command reads what the image leaves out.
    ...(buildCommand === undefined ? unusedIn(request, dockerfile, context) : {}),
  });
}

/** What the image's `.dockerignore` leaves out. One that is named after the Dockerfile counts before the context's. */
function unusedIn(
  { paths }: DevelopmentRequest,
  dockerfile: string,
  context: string,
): Pick<DevelopmentPlan, 'unused'> {
  const files = [`${dockerfile}.dockerignore`, posix.join(context, '.dockerignore')];
  const file = files.map(each => join(paths.root, each)).find(each => existsSync(each));
  if (file === undefined) return {};
  const patterns = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
  return { unused: { from: context, patterns, except: [dockerfile, ...files] } };
}
