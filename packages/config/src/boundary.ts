import { dirname, join, relative, sep } from 'node:path';
import type { Json } from '@svc/contracts';
import { isObject } from './checks/words.ts';
import { readIfPresent } from './files.ts';

/**
 * The outermost folder that steps may see: the nearest workspace root above `directory` that claims it as a member
 * (`workspaces` in package.json, `packages` in pnpm-workspace.yaml), else `directory` itself. Absolute paths.
 */
export async function findBoundary(directory: string): Promise<string> {
  for (let above = dirname(directory); above !== dirname(above); above = dirname(above)) {
    const globs = await workspaceGlobs(above);
    if (globs.length === 0) continue;
    const member = relative(above, directory).split(sep).join('/');
    if (await claims(globs, member)) return above;
  }
  return directory;
}

async function workspaceGlobs(directory: string): Promise<readonly string[]> {
  const pnpm = await textOf(join(directory, 'pnpm-workspace.yaml'));
  // pnpm does not look at package.json for this.
  if (pnpm !== undefined) return packagesOfPnpm(pnpm);
  const manifest = await textOf(join(directory, 'package.json'));
  return manifest === undefined ? [] : workspacesOf(manifest);
}

function workspacesOf(manifest: string): readonly string[] {
  let parsed: Json;
  try {
    parsed = JSON.parse(manifest) as Json;
  } catch {
    // A manifest above the project that does not parse claims nothing; whoever installs there will say so.
    return [];
  }
  if (!isObject(parsed)) return [];
  const { workspaces } = parsed;
  const globs = isObject(workspaces) ? workspaces.packages : workspaces;
  return Array.isArray(globs) ? globs.filter(glob => typeof glob === 'string') : [];
}

/** The list under `packages:`, in block or flow style. It holds plain strings only, so no YAML parser is loaded. */
export function packagesOfPnpm(yaml: string): readonly string[] {
  const lines = yaml.split(/\r?\n/).map(line => line.replace(/(^|\s)#.*$/, ''));
  const start = lines.findIndex(line => /^packages\s*:/.test(line));
  if (start < 0) return [];
  const rest = lines[start]?.replace(/^packages\s*:/, '').trim() ?? '';
  if (rest.startsWith('[')) {
    const flow = [rest, ...lines.slice(start + 1)].join(' ');
    return flow
      .slice(1, flow.indexOf(']'))
      .split(',')
      .map(unquoted)
      .filter(glob => glob !== '');
  }
  const globs: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === '') continue;
    const item = /^\s*-\s+(.*)$/.exec(line)?.[1];
    if (item === undefined) break;
    globs.push(unquoted(item));
  }
  return globs;
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** Later patterns win over earlier ones, as npm, yarn and pnpm have it. */
async function claims(globs: readonly string[], member: string): Promise<boolean> {
  const { default: picomatch } = await import('picomatch');
  return globs.reduce((claimed, glob) => {
    const negated = glob.startsWith('!');
    const pattern = glob
      .replace(/^!/, '')
      .replace(/^\.?\//, '')
      .replace(/\/+$/, '');
    return picomatch.isMatch(member, pattern) ? !negated : claimed;
  }, false);
}

/** What cannot be read above the project claims nothing: it is not the project's to report. */
async function textOf(path: string): Promise<string | undefined> {
  const text = await readIfPresent(path, path);
  return text.ok ? text.value : undefined;
}
