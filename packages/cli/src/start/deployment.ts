import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ok, type Result } from '@svc/contracts';
import { deploymentPath } from '../deployment-path.ts';

/**
 * The deployment directory that an argument means: itself, whoever made it; what an archive holds; or the `.vercel/output`
 * of a project.
 */
export async function findDeployment(argument: string): Promise<Result<{ readonly directory: string }>> {
  const path = resolve(argument);
  if (existsSync(path) && !statSync(path).isDirectory()) return unpack(path);
  for (const directory of [path, join(path, '.vercel', 'output')]) {
    if (isBuildOutput(directory)) return ok({ directory });
  }
  const found = await deploymentPath(argument);
  return found.ok ? ok({ directory: found.value }) : found;
}

/** Into a folder that goes when svc ends, however it ends. */
async function unpack(file: string): Promise<Result<{ readonly directory: string }>> {
  const { unpackArchive } = await import('@svc/assembler');
  const folder = await mkdtemp(join(tmpdir(), 'svc-unpacked-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'deployment');
  const unpacked = await unpackArchive({ file, to: directory });
  return unpacked.ok ? ok({ directory }) : unpacked;
}

/** A file of this name is common; only the version tells that it is a deployment's. */
function isBuildOutput(directory: string): boolean {
  try {
    const config: unknown = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
    return typeof config === 'object' && config !== null && 'version' in config && config.version === 3;
  } catch {
    // Not there, or something else: then it is looked for in other places, and missed there.
    return false;
  }
}
