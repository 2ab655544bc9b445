import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { declaredAt, knownPrograms, settingsFor, unusedFunctions } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, OUTPUT_FILE, WORK_FOLDER } from '../input.ts';
import { findMain } from './entrypoint.ts';
import { outsideInputs } from './local-modules.ts';
import { type FoundModule, moduleOf } from './module.ts';

/**
 * Plans a Go service: `go mod download` where the module has requirements, then `go build`, or the service's own build
 * command and the search for what it has made.
 *
 * Failures: `entrypoint-not-found` (no `go.mod`, no program), `entrypoint-invalid` (see `findMain`).
 */
export async function planGo(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const { service } = request;
  const main = await findMain(request);
  const folder = main.ok ? main.value.folder : '.';
  const module = await moduleOf(request, folder);
  const isOwnBuild = service.buildCommand !== undefined;
  const failures = main.ok || isOwnBuild ? [] : main.failures;
  if (!module) {
    return failed({
      code: 'entrypoint-not-found',
      message: 'this Go service has no go.mod, in its root or above',
      help: `Make one in ${service.root}: go mod init example.com/${service.name}`,
      ...declaredAt(service),
    });
  }
  if (failures.length > 0) return failed(...failures);

  const entrypoint = main.ok ? main.value.file : null;
  // A build command may make any program of the service.
  const packages = isOwnBuild ? packageFolders(request) : [folder];
  const shared = { module: { folder: module.folder, workspace: module.workspace }, root: service.root };
  const input: BuildInput = {
    ...shared,
    package: isOwnBuild ? null : folder,
    known: isOwnBuild ? knownPrograms(request, '.go') : [],
    settings: entrypoint === null ? {} : settingsFor(service.functions, entrypoint),
  };
  const download: StepDraft = {
    kind: 'build',
    label: 'go mod download',
    command: { type: 'tool', tool: 'go/download', input: shared },
    network: true,
  };
  return ok({
    entrypoint,
    outputDirectory: null,
    steps: [
      ...(needsDownload(request, module) ? [download] : []),
      ...(service.buildCommand === undefined ? [] : [ownBuild(service.buildCommand)]),
      {
        kind: isOwnBuild ? 'bundle' : 'build',
        label: isOwnBuild ? 'take the program' : `go build ./${folder === '.' ? '' : folder}`,
        command: { type: 'tool', tool: 'go/build', input },
      },
    ],
    caches: [WORK_FOLDER],
    inputs: await outsideInputs(request, module, packages),
    data: {},
    warnings: entrypoint === null ? [] : unusedFunctions(service, entrypoint),
  });
}

/** A vendored module holds what it needs; one without requirements needs nothing but the standard library. */
function needsDownload(request: PlanRequest, module: FoundModule): boolean {
  const vendored = [module.folder, ...(module.workspace === null ? [] : [module.workspace])];
  if (vendored.some(each => existsSync(join(request.paths.root, each, 'vendor', 'modules.txt'))))
    return false;
  return module.workspace !== null || /^\s*require\b/m.test(module.text);
}

/** Programs that are made for another machine must not lean on this one's libraries, nor hold its paths. */
function ownBuild(command: string): StepDraft {
  const lines = [
    `mkdir -p ${WORK_FOLDER} && rm -f ${OUTPUT_FILE}`,
    `export VERCEL_OUTPUT_FILE="$PWD/${OUTPUT_FILE}" CGO_ENABLED="\${CGO_ENABLED:-0}"`,
    `export GOFLAGS="\${GOFLAGS:+$GOFLAGS }-trimpath"`,
    command,
  ];
  return { kind: 'build', label: command, command: { type: 'shell', line: lines.join('\n') } };
}

function packageFolders({ files }: PlanRequest): string[] {
  return [...new Set(files.filter(file => file.endsWith('.go')).map(file => posix.dirname(file)))];
}
