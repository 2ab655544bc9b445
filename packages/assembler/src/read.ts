import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Deployment, type Failure, failed, ok, type Result } from '@svc/contracts';
import { parseManifest } from './manifest.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { isErrno } from './writing.ts';

/**
 * The deployment in a folder, by its `deployment.json`. Checks that the manifest agrees with itself, but does not read
 * the files: that is `verifyDeployment`. Failures: `deployment-not-found`, `deployment-invalid`.
 */
export async function readDeployment(directory: string): Promise<Result<Deployment>> {
  const path = join(directory, MANIFEST_FILE);
  let content: Uint8Array;
  try {
    content = await readFile(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error;
    return failed({
      code: 'deployment-not-found',
      message: `there is no deployment in ${directory}: it has no ${MANIFEST_FILE}`,
      help: 'Run svc build first, or name the folder that it wrote.',
    });
  }
  const parsed = parseManifest(content);
  if ('manifest' in parsed) return ok({ directory: resolve(directory), manifest: parsed.manifest });
  return failed({
    code: 'deployment-invalid',
    message: `${path} was changed since svc build wrote it: ${parsed.problem}`,
    help: 'Build again, or unpack the artifact again.',
  });
}

export function archiveNotFound(file: string): Failure {
  return {
    code: 'deployment-not-found',
    message: `there is no deployment at ${file}`,
    help: 'Name the folder that svc build wrote, or an archive made by svc pack.',
  };
}
