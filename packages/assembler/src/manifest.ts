import type { DeploymentManifest, FileEntry, Json } from '@svc/contracts';
import { deploymentId, sha256, treeDigest } from './digest.ts';
import { canonicalJson } from './json.ts';
import { manifestShapeProblem } from './manifest-shape.ts';

export const MANIFEST_FILE = 'deployment.json';

/**
 * `deployment.json` as svc writes it. `tree` covers the content of the deployment; `self` covers the rest of the
 * manifest, so that a changed binding, tool or time is noticed too.
 */
export interface SealedManifest extends DeploymentManifest {
  /** `sha256:` digest of the file's own text without the line that holds this member. */
  readonly self: string;
}

/** The members in the order in which they are written: what a person looks for first, the long list last. */
const ORDER = ['version', 'id', 'tree', 'self', 'services', 'tools', 'timings', 'files'] as const;

export function sealManifest(parts: {
  readonly files: Readonly<Record<string, FileEntry>>;
  readonly services: DeploymentManifest['services'];
  readonly tools: Readonly<Record<string, string>>;
  readonly timings: Readonly<Record<string, number>>;
}): SealedManifest {
  const tree = treeDigest(parts.files);
  const unsealed: DeploymentManifest = { version: 1, id: deploymentId(tree), tree, ...parts };
  return { ...unsealed, self: selfDigest(unsealed) };
}

/** The only text that a manifest may have: a reader can compare bytes. */
export function formatManifest(manifest: DeploymentManifest & { readonly self?: string }): string {
  const lines = ORDER.flatMap(name => {
    const value = manifest[name];
    return value === undefined ? [] : [`  "${name}": ${canonicalJson(value as Json, '  ')}`];
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function selfDigest(manifest: DeploymentManifest): string {
  const { self: _, ...rest } = manifest as SealedManifest;
  return `sha256:${sha256(formatManifest(rest))}`;
}

/** Reads a manifest's text and checks that it agrees with itself: shape, `tree`, `id`, `self`, and its very bytes. */
export function parseManifest(
  content: Uint8Array,
): { readonly manifest: SealedManifest } | { readonly problem: string } {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    value = JSON.parse(text);
  } catch {
    return { problem: 'it is not valid JSON' };
  }
  const problem = manifestShapeProblem(value);
  if (problem !== undefined) return { problem };
  const manifest = value as SealedManifest;
  if (treeDigest(manifest.files) !== manifest.tree) {
    return { problem: '"tree" is not the digest of the files it lists' };
  }
  if (deploymentId(manifest.tree) !== manifest.id) return { problem: '"id" does not follow from "tree"' };
  if (selfDigest(manifest) !== manifest.self)
    return { problem: '"self" is not the digest of the rest of it' };
  if (formatManifest(manifest) !== text) return { problem: 'its text is not as svc writes it' };
  return { manifest };
}
