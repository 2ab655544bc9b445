import type { KeyParts } from './fingerprint.ts';

/** How a file differs from the last build. */
export interface FileChange {
  readonly path: string;
  readonly how: 'new' | 'changed' | 'deleted' | 'program' | 'file' | 'link';
}

/**
 * Why two keys of a service differ, in words, most telling first: what concerns the whole machine or svc itself, since it
 * usually explains the rest; then the configuration, variables and files; at last what only follows from those.
 */
export function explainDifference(
  before: KeyParts,
  now: KeyParts,
  files: readonly FileChange[],
): readonly string[] {
  const programs = changes(before.tools, now.tools, name => `the program ${name}`);
  const isCause = (text: string) => text.endsWith(' changed');
  const plan = changes(before.plan, now.plan, name => name);
  const configured = plan.filter(
    text => text.includes(' in the configuration') || text.includes(' of the project'),
  );
  const others = [
    ...changes(before.variables, now.variables, name => `the variable ${name}`),
    ...files.map(({ path, how }) => `${path} ${FILE_WORDS[how]}`),
  ];
  return [
    ...(before.svc === now.svc ? [] : ['svc itself is another version']),
    ...(before.builder === now.builder
      ? []
      : [`the builder changed from ${before.builder} to ${now.builder}`]),
    ...(before.platform === now.platform
      ? []
      : [`the platform changed from ${before.platform} to ${now.platform}`]),
    ...programs.filter(isCause),
    ...configured,
    ...others,
    ...programs.filter(text => !isCause(text)),
    // A command that is configured is also a step of the plan: once is enough.
    ...(configured.length > 0 ? [] : plan),
  ];
}

const FILE_WORDS: Readonly<Record<FileChange['how'], string>> = {
  new: 'is new',
  changed: 'changed',
  deleted: 'was deleted',
  program: 'became executable',
  file: 'is no longer executable',
  link: 'became a link',
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
