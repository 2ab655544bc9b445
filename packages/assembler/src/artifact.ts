import type { Deployment, Result } from '@svc/contracts';
import type { Packed, PackRequest } from './pack.ts';
import type { UnpackRequest } from './unpack.ts';
import type { Verified } from './verify.ts';

// These load what they need when they are called: a build needs none of it.

/**
 * Writes a deployment as one archive: the same bytes for the same deployment whatever the machine's clock, umask, user
 * and locale (and, for a given version of the compressor, machine). It is checked against its manifest on the way.
 * Failures: `deployment-not-found`, `deployment-invalid`, `deployment-differs`, `output-conflict`,
 * `output-not-writable`, `archive-unsupported`. The format is described in docs/preview-artifact.md.
 */
export async function packDeployment(request: PackRequest): Promise<Result<Packed>> {
  const { pack } = await import('./pack.ts');
  return pack(request);
}

/**
 * Compares a deployment's folder or archive with the manifest inside it and names the first difference in the order of
 * paths: something missing, added or changed, be it a byte, a mode or a link.
 * Failures: `deployment-not-found`, `deployment-invalid`, `deployment-differs`, `archive-invalid`, `archive-hostile`,
 * `archive-unsupported`.
 */
export async function verifyDeployment(path: string): Promise<Result<Verified>> {
  const { verify } = await import('./verify.ts');
  return verify(path);
}

/**
 * Makes a folder of an archive that nobody vouches for. Every entry is held to strict rules and to the archive's own
 * manifest before a byte of it is written; on any refusal nothing remains. The rules are in docs/preview-artifact.md.
 * Failures: `archive-hostile`, `archive-invalid`, `deployment-differs`, `deployment-not-found`, `output-conflict`,
 * `output-not-writable`, `archive-unsupported`.
 */
export async function unpackArchive(request: UnpackRequest): Promise<Result<Deployment>> {
  const { unpack } = await import('./unpack.ts');
  return unpack(request);
}
