import { posix } from 'node:path';
import type { BuilderPlan, FrameworkInfo, PlanRequest, StepDraft } from '@svc/builder-kit';
import { leftOut } from '@svc/builder-kit';
import type { Notice, Result, Route } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { type StaticData, toJson } from './data.ts';
import { findFramework, frameworkPackage } from './frameworks.ts';

/** With a command, the command makes the site; without one, the folder is the site. */
export async function planStatic(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const configured = request.service.outputDirectory;
  const outputDirectory = configured === undefined ? undefined : withinRoot(configured);
  if (outputDirectory === null) {
    return failed({
      code: 'output-escapes',
      message: `the outputDirectory "${configured}" of service "${request.service.name}" is outside its root`,
      help: 'Name a folder below the root of the service.',
      ...positionOf(request, 'outputDirectory'),
    });
  }
  const command = buildCommand(request);
  return command ? planBuild(request, command, outputDirectory) : planFiles(request, outputDirectory);
}

interface BuildCommand {
  readonly line: string;
  readonly label: string;
}

const SCRIPTS = ['vercel-build', 'now-build', 'build'];

/** Frameworks whose own command wins over a `build` script, because that script builds something else. */
const IGNORES_SCRIPTS = new Set(['storybook']);

/** The service's command, else a script, else the framework's command (section 4 of the services reference). */
function buildCommand({ service, framework, script }: PlanRequest): BuildCommand | undefined {
  if (service.buildCommand !== undefined) return { line: service.buildCommand, label: service.buildCommand };
  const scripts = IGNORES_SCRIPTS.has(framework?.slug ?? '') ? [] : SCRIPTS;
  for (const name of scripts) {
    const found = script(name);
    if (found) return { line: found.line, label: found.label };
  }
  const own = framework?.buildCommand;
  return own ? { line: own, label: own } : undefined;
}

async function planBuild(
  { framework }: PlanRequest,
  command: BuildCommand,
  configured: string | undefined,
): Promise<Result<BuilderPlan>> {
  const outputDirectory = configured ?? defaultOutput(framework);
  const known = framework ? await findFramework(framework.slug) : undefined;
  const routes = known?.defaultRoutes ?? [];
  const step: StepDraft = {
    kind: 'build',
    label: command.label,
    command: { type: 'shell', line: command.line },
    outputs: outputDirectory === null ? [] : [outputDirectory],
  };
  return ok(
    asPlan([step], outputDirectory, [], {
      mode: 'build',
      label: command.label,
      outputDirectory,
      // The two types describe the same format; the vendor's also has forms that its list does not use.
      routes: typeof routes === 'function' ? null : (routes as readonly unknown[] as readonly Route[]),
      frameworkPackage: known ? frameworkPackage(known) : null,
    }),
  );
}

/** Without a framework it is `public`; with one that decides by its own settings, it is found when it has built. */
function defaultOutput(framework: FrameworkInfo | null): string | null {
  return framework ? framework.outputDirectory : 'public';
}

function planFiles(request: PlanRequest, configured: string | undefined): Result<BuilderPlan> {
  const from = configured ?? webRoot(request.files);
  const candidates = request.files.filter(file => from === '.' || file.startsWith(`${from}/`));
  const files = candidates.filter(file => leftOut(file) === undefined);
  const warnings = leftOutNotice(request, candidates);
  return ok(asPlan([], from, warnings, { mode: 'files', from, files }));
}

/** A folder whose only page is `public/index.html` keeps its site there and other things beside it. */
function webRoot(files: readonly string[]): string {
  return files.includes('public/index.html') && !files.includes('index.html') ? 'public' : '.';
}

function leftOutNotice({ service }: PlanRequest, candidates: readonly string[]): Notice[] {
  const surprising = candidates.filter(file => leftOut(file)?.surprising);
  if (surprising.length === 0) return [];
  const more = surprising.length > 3 ? ` and ${surprising.length - 3} more` : '';
  const names = surprising.slice(0, 3).map(file => `${file} (${leftOut(file)?.why})`);
  return [
    {
      code: 'static-files-left-out',
      service: service.name,
      message: `service "${service.name}" does not publish ${names.join(', ')}${more}`,
      help: 'Such files do not belong in a web root: move them out of it. To publish one all the same, rename it.',
    },
  ];
}

function asPlan(
  steps: readonly StepDraft[],
  outputDirectory: string | null,
  warnings: readonly Notice[],
  data: StaticData,
): BuilderPlan {
  return { entrypoint: null, outputDirectory, steps, caches: [], data: toJson(data), warnings };
}

/** `dist` for `./dist/`; null for a path that leaves the root. */
function withinRoot(path: string): string | null {
  if (path.startsWith('/')) return null;
  const plain = posix.join(path).replace(/(?<=.)\/$/, '');
  return plain === '..' || plain.startsWith('../') ? null : plain;
}

function positionOf({ service }: PlanRequest, field: string) {
  const position = service.positions[field];
  return position ? { position } : {};
}
