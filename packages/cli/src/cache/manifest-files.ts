import { treeEntry } from '@svc/cache/stored';
import type { DeploymentManifest } from '@svc/contracts';

/** What a deployment consists of but for its manifest, in the manifest's order: all threads have to agree on it. */
export function filesOf(manifest: string) {
  return treeEntry((JSON.parse(manifest) as DeploymentManifest).files);
}
