import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Deployment,
  type DeploymentManifest,
  type FileEntry,
  type JsonObject,
  ok,
  type Plan,
  type Project,
  type Result,
  type ServiceOutput,
} from '@svc/contracts';
import { sha256 } from './digest.ts';
import { sealManifest } from './manifest.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { copyTree, emptyTree, makeFolder, moveTree, removeFolders, removeTree } from './place.ts';
import { type AssembledService, appConfig, deployedService, servicesConfig } from './records.ts';
import { FILE_MODE } from './scan.ts';
import { newSiblings, recoverOutput, type Siblings, swapIn, swapInWith } from './siblings.ts';
import { collectSources, type Source } from './sources.ts';
import { checkTarget, realTarget } from './target.ts';
import { writing } from './writing.ts';

export interface AssembleRequest {
  readonly project: Project;
  readonly plan: Plan;
  /** Finished trees. They are moved; when assembling fails before it writes, they stay where they are. */
  readonly outputs: readonly ServiceOutput[];
  /** Names of services that keep the output they have in the deployment at `target`. */
  readonly kept: readonly string[];
  /**
   * Those of the kept services whose files are known to be as the last deployment's manifest says, and the manifest as it was
   * written: they are not read again, and moved as they are. None for an `app`.
   */
  readonly intact?: ReadonlySet<string>;
  /** Absolute path of the deployment directory. */
  readonly target: string;
  /** Names and versions of what built it. */
  readonly tools: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timings: Readonly<Record<string, number>>;
  /** What builders want recorded of a service in `deployment.json`, by service. */
  readonly builders?: Readonly<Record<string, JsonObject>>;
}

export interface Assembled extends Deployment {
  /** Kept services whose folder is the very one that was in the last deployment. */
  readonly moved: ReadonlySet<string>;
  /** When nothing is left of the deployment before. May be waited for after the user has their answer. */
  readonly previousGone: Promise<void>;
}

/**
 * Makes one deployment directory of finished services: checks every tree, writes the new deployment beside the old one
 * and swaps it in. On any failure the deployment at `target` is what it was. The layout is described in
 * docs/deployment-directory.md. The caller holds `lockOutput(target)`.
 *
 * Failures: `output-conflict` (the target is not ours to replace), `nothing-to-keep`, `deployment-invalid` and
 * `output-escapes` (a tree that would not run elsewhere), `output-not-writable`.
 */
export async function assemble(request: AssembleRequest): Promise<Result<Assembled>> {
  const target = realTarget(request.target);
  const allowed = await checkTarget(request.project, request.target);
  if (!allowed.ok) return allowed;
  const recovered = await recoverOutput(target);
  if (!recovered.ok) return recovered;
  return writing(target, async () => {
    const sources = await collectSources(request, target);
    if (!sources.ok) return sources;
    const siblings = newSiblings(target);
    await mkdir(dirname(target), { recursive: true });
    try {
      const manifest = await writeDeployment(request, sources.value, siblings.fresh);
      const { replaced, moved } = await bringIn(siblings, target, sources.value);
      // Its files may be hard links into the new one, whose status is what it will stay once they are gone.
      const folders = replaced ? await emptyTree(siblings.previous) : [];
      return ok({ directory: target, manifest, moved, previousGone: endOf(removeFolders(folders)) });
    } catch (error) {
      await removeTree(siblings.fresh);
      throw error;
    }
  });
}

/** Takes the intact services over from the last deployment: their folders where those can be moved, else hard links or copies. */
async function bringIn(siblings: Siblings, target: string, sources: readonly Source[]) {
  const intact = sources.filter(source => source.intact);
  const moved = new Set(intact.map(({ service }) => service));
  const swapped = swapInWith([...moved], siblings, target);
  if (swapped !== 'kept-stay') return { ...swapped, moved };
  for (const { directory, service, entries } of intact)
    await copyTree(directory, join(siblings.fresh, 'services', service), entries(), 'share');
  return { ...swapIn(siblings, target), moved: new Set<string>() };
}

/** What cannot be deleted, because somebody still writes there or the disk fails, is the next run's to delete, or to report. */
function endOf(removal: Promise<void>): Promise<void> {
  return removal.catch(() => undefined);
}

async function writeDeployment(
  request: AssembleRequest,
  sources: readonly Source[],
  directory: string,
): Promise<DeploymentManifest> {
  const { project } = request;
  const services = sources.map(source => assembledService(request, source));
  const files: (readonly [string, FileEntry])[] = [];
  const place = async (source: Source, to: string) => {
    if (source.intact) return;
    await (source.kept
      ? copyTree(source.directory, to, source.entries(), 'share')
      : moveTree(source.directory, to, source.entries()));
  };

  let config: JsonObject;
  if (project.kind === 'app') {
    const [source] = sources;
    if (!source) throw new Error('a project without services cannot be assembled');
    await place(source, directory);
    files.push(...source.files);
    config = appConfig(project, source.config);
  } else {
    makeFolder(directory);
    makeFolder(join(directory, 'services'));
    for (const source of sources) {
      const folder = `services/${source.service}`;
      await place(source, join(directory, folder));
      for (const [path, entry] of source.files) files.push([`${folder}/${path}`, entry]);
    }
    config = servicesConfig(project, services);
  }
  const written = writeText(join(directory, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const { manifest, text } = sealManifest({
    // The last one counts: an app's own config.json has just been replaced.
    files: Object.fromEntries([...files, ['config.json', written]]),
    services: services.map(service => deployedService(project.kind, service)),
    tools: request.tools,
    timings: request.timings,
  });
  writeText(join(directory, MANIFEST_FILE), text);
  return manifest;
}

function assembledService(request: AssembleRequest, source: Source): AssembledService {
  const service = request.project.services.find(({ name }) => name === source.service);
  const plan = request.plan.services.find(({ name }) => name === source.service);
  if (!service || !plan) throw new Error(`${source.service} is in the project or the plan, but not in both`);
  const extra = request.builders?.[source.service];
  return { service, plan, config: source.config, ...(extra ? { extra } : {}) };
}

/** Replaces rather than overwrites: the file may be a hard link into the deployment before this one. */
function writeText(path: string, text: string): FileEntry {
  rmSync(path, { force: true });
  writeFileSync(path, text, { flag: 'wx' });
  chmodSync(path, FILE_MODE);
  return { sha256: sha256(text), size: Buffer.byteLength(text) };
}
