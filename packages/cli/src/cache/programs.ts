import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { ServicePlan, Step } from '@svc/contracts';
import { DIST } from '../places.ts';

/** A program that steps start: what it is, and every path that decided it. */
export interface Program {
  readonly identity: string;
  /** Absolute paths, there or not: when one of them changes, another program may be meant. */
  readonly witnesses: readonly string[];
}

/** The programs of languages, by runtime. Only those that are there count. */
const OF_RUNTIME: Readonly<Record<string, readonly string[]>> = {
  python: ['python3', 'python', 'uv', ...[9, 10, 11, 12, 13, 14].map(minor => `python3.${minor}`)],
  go: ['go'],
  rust: ['cargo', 'rustc'],
  ruby: ['ruby', 'bundle'],
  container: ['docker', 'buildah'],
};

/** Words of the shell's own, and programs that only pass on: what they start is named after them. */
const SHELL_WORDS = new Set(
  '. : [ alias break cd command continue echo eval exec exit export false if then else elif fi for do done while until case esac in printf pwd read return set shift test time trap true type umask unset wait { } ! node npx'.split(
    ' ',
  ),
);

/** Finds programs as the shell does, each once a run. */
export class Programs {
  readonly #found = new Map<string, Program | undefined>();
  readonly #path: readonly string[];

  constructor(path: string | undefined) {
    this.#path = (path ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(Boolean);
  }

  /** Those that a service's steps are known to start: its language's, its package manager, the first words of its commands. */
  of(service: ServicePlan, steps: readonly Step[]): Map<string, Program> {
    const manager = service.packageManager === null ? [] : [service.packageManager.name];
    const commands = steps.flatMap(({ command }) =>
      command.type === 'shell' ? firstWords(command.line) : [],
    );
    const programs = new Map<string, Program>();
    for (const name of [...(OF_RUNTIME[service.runtime ?? ''] ?? []), ...manager, ...commands]) {
      const program = this.#find(name);
      if (program) programs.set(name, program);
    }
    return programs;
  }

  #find(name: string): Program | undefined {
    if (!this.#found.has(name)) this.#found.set(name, lookUp(name, this.#path));
    return this.#found.get(name);
  }
}

/** Programs that svc itself is made with and that are installed beside it: their versions are part of every result. */
export function ownPrograms(): Program {
  const require = createRequire(join(DIST, 'svc.mjs'));
  const manifests = ['esbuild', '@vercel/nft', 'oxc-transform'].flatMap(name => manifestOf(require, name));
  return {
    identity: manifests.map(({ name, version }) => `${name} ${version}`).join(', '),
    witnesses: manifests.map(({ path }) => path),
  };
}

function manifestOf(require: NodeJS.Require, name: string) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, 'package.json');
    if (!existsSync(path)) continue;
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    return [{ name, version, path }];
  }
  return [];
}

function firstWords(line: string): string[] {
  return line.split(/&&|\|\||[;|&\n()`]|\$\(/).flatMap(command => {
    const words = command.trim().split(/\s+/);
    const first = words.find(word => !/^[A-Za-z_]\w*=/.test(word));
    return first !== undefined && /^[\w.+@-]+$/.test(first) && !SHELL_WORDS.has(first) ? [first] : [];
  });
}

function lookUp(name: string, path: readonly string[]): Program | undefined {
  const witnesses: string[] = [];
  for (const folder of path) {
    const candidate = join(folder, name);
    witnesses.push(candidate);
    if (!statSync(candidate, { throwIfNoEntry: false })?.isFile()) continue;
    const real = realpathSync(candidate);
    const { identity, read } = identityOfProgram(real);
    return { identity, witnesses: [...witnesses, real, ...read] };
  }
  return undefined;
}

/**
 * A script's package or a toolchain's version file says more, and the same on every machine, than the script's own bytes;
 * where there is none, the program's content is its identity.
 */
function identityOfProgram(real: string): { identity: string; read: readonly string[] } {
  const toolchain = join(dirname(dirname(real)), 'VERSION');
  if (existsSync(toolchain) && statSync(toolchain).isFile())
    return { identity: readFileSync(toolchain, 'utf8').trim(), read: [toolchain] };
  const manifest = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(real)?.[1];
  if (manifest !== undefined && existsSync(join(manifest, 'package.json'))) {
    const path = join(manifest, 'package.json');
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
    return { identity: `${name} ${version}`, read: [path] };
  }
  return { identity: createHash('sha256').update(readFileSync(real)).digest('hex'), read: [] };
}
