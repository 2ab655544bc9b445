import type { KeyParts } from './fingerprint.ts';

/** How a file differs from the last build. */
export interface FileChange {
  readonly path: string;
  readonly how: 'new' | 'changed' | 'deleted' | 'mode';
}

/**
 * Why two keys of a service differ, in words: first what concerns the whole machine or svc itself, since it usually explains
 * the rest, then the configuration, variables, and files.
 */
export function explainDifference(
  before: KeyParts,
  now: KeyParts,
  files: readonly FileChange[],
): readonly string[] {
  return [
    ...(before.svc === now.svc ? [] : ['svc itself is another version']),
    ...(before.builder === now.builder
      ? []
      : [`the builder changed from ${before.builder} to ${now.builder}`]),
    ...(before.platform === now.platform
      ? []
      : [`the platform changed from ${before.platform} to ${now.platform}`]),
    ...changes(before.tools, now.tools, name => `the program ${name}`),
    ...changes(before.plan, now.plan, name => name),
    ...changes(before.variables, now.variables, name => `the variable ${name}`),
    ...files.map(({ path, how }) => `${path} ${FILE_WORDS[how]}`),
  ];
}

const FILE_WORDS: Readonly<Record<FileChange['how'], string>> = {
  new: 'is new',
  changed: 'changed',
  deleted: 'was deleted',
  mode: 'became executable, a link, or neither any more',
};

function changes(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  shown: (name: string) => string,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap(name => {
    const was = before[name];
    const is = now[name];
    if (was === is) return [];
    if (was === undefined) return [`${shown(name)} is new`];
    return [is === undefined ? `${shown(name)} is gone` : `${shown(name)} changed`];
  });
}
