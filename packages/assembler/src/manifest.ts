import type { DeploymentManifest, FileEntry, Json } from '@svc/contracts';
import { deploymentId, sha256, treeDigest } from './digest.ts';
import { canonicalJson } from './json.ts';
import { manifestShapeProblem } from './manifest-shape.ts';

type Unsealed = Omit<DeploymentManifest, 'self'>;

/** The members in the order in which they are written: what a person looks for first, the long list last. */
const ORDER = ['version', 'id', 'tree', 'self', 'services', 'tools', 'timings', 'files'] as const;

export function sealManifest(parts: {
  readonly files: Readonly<Record<string, FileEntry>>;
  readonly services: DeploymentManifest['services'];
  readonly tools: Readonly<Record<string, string>>;
  readonly timings: Readonly<Record<string, number>>;
}): { readonly manifest: DeploymentManifest; readonly text: string } {
  const tree = treeDigest(parts.files);
  const unsealed: Unsealed = { version: 1, id: deploymentId(tree), tree, ...parts };
  const lines = linesOf(unsealed);
  const self = `sha256:${sha256(textOf(lines))}`;
  lines.set('self', lineOf('self', self));
  return { manifest: { ...unsealed, self }, text: textOf(lines) };
}

/** The only text that a manifest may have: a reader can compare bytes. */
export function formatManifest(manifest: Unsealed & { readonly self?: string }): string {
  return textOf(linesOf(manifest));
}

type Member = (typeof ORDER)[number];

function linesOf(manifest: Unsealed & { readonly self?: string }): Map<Member, string> {
  return new Map(
    ORDER.flatMap(name => {
      const value = manifest[name];
      return value === undefined ? [] : [[name, lineOf(name, value as Json)] as const];
    }),
  );
}

function lineOf(name: Member, value: Json): string {
  return `  "${name}": ${canonicalJson(value, '  ')}`;
}

function textOf(lines: ReadonlyMap<Member, string>): string {
  return `{\n${ORDER.flatMap(name => lines.get(name) ?? []).join(',\n')}\n}\n`;
}

function selfDigest(manifest: Unsealed & { readonly self?: string }): string {
  const { self: _, ...rest } = manifest;
  return `sha256:${sha256(formatManifest(rest))}`;
}

/** Reads a manifest's text and checks that it agrees with itself: shape, `tree`, `id`, `self`, and its very bytes. */
export function parseManifest(
  content: Uint8Array,
): { readonly manifest: DeploymentManifest } | { readonly problem: string } {
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
  const manifest = value as DeploymentManifest;
  if (treeDigest(manifest.files) !== manifest.tree) {
    return { problem: '"tree" is not the digest of the files it lists' };
  }
  if (deploymentId(manifest.tree) !== manifest.id) return { problem: '"id" does not follow from "tree"' };
  if (selfDigest(manifest) !== manifest.self)
    return { problem: '"self" is not the digest of the rest of it' };
  if (formatManifest(manifest) !== text) return { problem: 'its text is not as svc writes it' };
  return { manifest };
}
