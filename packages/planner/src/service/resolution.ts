import type { BuilderPlan } from '@svc/builder-kit';
import type { Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { type Framework, loadFrameworks } from '../frameworks/catalog.ts';
import { matchFrameworks } from '../frameworks/detect.ts';
import { byPriority } from '../frameworks/priority.ts';
import { builderKey, isRuntime, RUNTIMES, type Runtime, runtimeOfFramework } from '../frameworks/runtimes.ts';
import { didYouMean } from '../nearest-name.ts';
import { type Entrypoint, hasBuild } from './entrypoint.ts';
import { failure } from './failure.ts';
import type { ServiceFolder } from './folder.ts';
import {
  CONTAINER_FILES,
  containerSign,
  languageSign,
  serverScripts,
  sourceCodeSigns,
} from './stack-signs.ts';
import { undetected } from './undetected.ts';

/** What a service is: everything that the choice of a builder follows from. */
export interface Resolution {
  readonly framework: Framework | null;
  readonly detectedFrom: string;
  readonly alsoMatched: readonly string[];
  readonly runtime: Runtime | null;
  /** What a builder must list among its `runtimes`. */
  readonly builderKey: string;
  /** The builder that recognised it, where one was asked. */
  readonly builderName?: string;
  readonly entrypoint: Entrypoint | null;
  /** A plan that a builder has made already while it was asked whether it recognises the service. */
  readonly planned?: BuilderPlan;
}

/** Asks the builder for Node whether it finds a program to start; `undefined` when it finds none. */
export type AskNodeBuilder = () => Promise<Result<BuilderPlan> | undefined>;

/**
 * Decides what a service is, by the first of these that says something: `framework`, `runtime`, the entrypoint's name,
 * the rules of the frameworks, the language's own files, a program that the Node builder recognises, a build command, an
 * output directory, plain files. What is none of these is an error and never a publication of source code.
 * (Section 3.1 of the services reference; where it makes several matching frameworks an error, the guide wins: the first
 * by priority is taken.)
 */
export async function resolveService(
  service: ServiceConfig,
  folder: ServiceFolder,
  entrypoint: Entrypoint | null,
  configFile: string,
  askNodeBuilder: AskNodeBuilder,
): Promise<Result<Resolution>> {
  const inConfig = (field: string) => `"${field}" in ${configFile}`;
  const { runtime } = service;
  if (runtime !== undefined && !isRuntime(runtime)) return failed(unknownRuntime(service, runtime));

  if (service.framework !== undefined) {
    const framework = (await loadFrameworks()).find(({ slug }) => slug === service.framework);
    if (!framework) return failed(await unknownFramework(service, service.framework));
    return pinned(service, framework, entrypoint, runtime, inConfig('framework'));
  }

  if (runtime === 'container' || entrypoint?.runtime === 'container') {
    return container(service, folder, entrypoint, inConfig(runtime === undefined ? 'entrypoint' : 'runtime'));
  }
  if (runtime !== undefined && entrypoint?.runtime != null && runtime !== entrypoint.runtime) {
    return failed(
      failure(service, 'framework-runtime-mismatch', 'runtime', {
        message: `service "${service.name}" has the runtime "${runtime}", but its entrypoint "${service.entrypoint}" is for ${entrypoint.runtime}`,
        help: 'Remove "runtime", or name an entrypoint of that runtime.',
      }),
    );
  }

  const known = runtime ?? entrypoint?.runtime ?? null;
  const detected = await detectFramework(folder, known, entrypoint);
  if (detected) {
    const { framework, evidence, alsoMatched } = detected;
    return ok({
      framework,
      detectedFrom: evidence,
      alsoMatched,
      runtime: runtimeOfFramework(framework),
      builderKey: builderKey(framework),
      entrypoint,
    });
  }
  if (known !== null) {
    return ok(ofRuntime(known, inConfig(runtime === undefined ? 'entrypoint' : 'runtime'), entrypoint));
  }
  return withoutFramework(service, folder, entrypoint, configFile, askNodeBuilder);
}

function ofRuntime(runtime: Runtime, detectedFrom: string, entrypoint: Entrypoint | null): Resolution {
  return { framework: null, detectedFrom, alsoMatched: [], runtime, builderKey: runtime, entrypoint };
}

function staticFiles(detectedFrom: string): Resolution {
  return {
    framework: null,
    detectedFrom,
    alsoMatched: [],
    runtime: null,
    builderKey: 'static',
    entrypoint: null,
  };
}

async function withoutFramework(
  service: ServiceConfig,
  folder: ServiceFolder,
  entrypoint: Entrypoint | null,
  configFile: string,
  askNodeBuilder: AskNodeBuilder,
): Promise<Result<Resolution>> {
  if (service.outputDirectory !== undefined) return ok(staticFiles(`"outputDirectory" in ${configFile}`));
  const language = languageSign(folder);
  if (language) return ok(ofRuntime(language.runtime, language.file, entrypoint));

  const hasPage = folder.has('index.html');
  const mayBeProgram = (folder.packageJson !== null && !hasPage) || (await serverScripts(folder)).length > 0;
  if (mayBeProgram) {
    const answer = await askNodeBuilder();
    if (answer && !answer.ok) return answer;
    if (answer) {
      const found = ofRuntime('node', `${answer.value.entrypoint ?? 'the program'}`, entrypoint);
      return ok({ ...found, planned: answer.value });
    }
  }
  if (hasBuild(service, folder)) {
    const own = service.buildCommand !== undefined;
    return ok(staticFiles(own ? `"buildCommand" in ${configFile}` : 'the build script in package.json'));
  }
  const signs = await sourceCodeSigns(folder);
  const isSite = signs.length === 0 && folder.files.length > 0 && (hasPage || folder.packageJson === null);
  if (isSite) return ok(staticFiles('plain files'));
  const image = containerSign(folder);
  if (image)
    return ok(ofRuntime('container', image.file, { path: image.file, handler: null, runtime: 'container' }));
  return failed(undetected(service, folder, signs, configFile));
}

function pinned(
  service: ServiceConfig,
  framework: Framework,
  entrypoint: Entrypoint | null,
  runtime: Runtime | undefined,
  detectedFrom: string,
): Result<Resolution> {
  const own = runtimeOfFramework(framework);
  const other = runtime ?? entrypoint?.runtime ?? null;
  if (own !== null && other !== null && own !== other) {
    const field = runtime === undefined ? 'entrypoint' : 'runtime';
    return failed(
      failure(service, 'framework-runtime-mismatch', field, {
        message: `service "${service.name}" has the framework "${framework.slug}", which runs on ${own}, but its ${field} is for ${other}`,
        help: `Remove "${field}" or "framework": one of the two is enough.`,
      }),
    );
  }
  return ok({
    framework,
    detectedFrom,
    alsoMatched: [],
    runtime: own,
    builderKey: builderKey(framework),
    entrypoint,
  });
}

function container(
  service: ServiceConfig,
  folder: ServiceFolder,
  entrypoint: Entrypoint | null,
  detectedFrom: string,
): Result<Resolution> {
  if (entrypoint && entrypoint.runtime !== 'container') {
    return failed(
      failure(service, 'entrypoint-invalid', 'entrypoint', {
        message: `the entrypoint "${service.entrypoint}" of container "${service.name}" is not a Dockerfile`,
        help: 'Name the Dockerfile to build. An image that exists already cannot be an entrypoint.',
      }),
    );
  }
  const file = entrypoint?.path ?? containerSign(folder)?.file;
  if (file === undefined) {
    return failed(
      failure(service, 'entrypoint-not-found', 'runtime', {
        message: `service "${service.name}" is a container, but there is no Dockerfile in ${service.root}`,
        help: `Add one of ${CONTAINER_FILES.join(', ')}, or name another as "entrypoint".`,
      }),
    );
  }
  return ok(ofRuntime('container', detectedFrom, { path: file, handler: null, runtime: 'container' }));
}

async function detectFramework(
  folder: ServiceFolder,
  runtime: Runtime | null,
  entrypoint: Entrypoint | null,
) {
  const candidates = (await loadFrameworks()).filter(
    framework => !framework.experimental && (runtime === null || runtimeOfFramework(framework) === runtime),
  );
  const matches = await matchFrameworks(folder, candidates, entrypoint?.path ?? null);
  const [first, ...others] = byPriority(matches, folder);
  return first && { ...first, alsoMatched: others.map(({ framework }) => framework.slug ?? '') };
}

function unknownRuntime(service: ServiceConfig, runtime: string) {
  const plain = runtime.replace(/[\d.x]+$/, '').replace(/^nodejs$/, 'node');
  return failure(service, 'runtime-unknown', 'runtime', {
    message: `service "${service.name}" has the unknown runtime "${runtime}"`,
    help: `${isRuntime(plain) ? `Write "${plain}": the version is not part of it. ` : ''}Known are ${RUNTIMES.join(', ')}.`,
  });
}

async function unknownFramework(service: ServiceConfig, framework: string) {
  const slugs = (await loadFrameworks()).map(({ slug }) => slug ?? '');
  return failure(service, 'framework-unknown', 'framework', {
    message: `service "${service.name}" has the unknown framework "${framework}"`,
    help: didYouMean(framework, slugs) ?? 'Remove "framework" to have it detected.',
  });
}
