import { extname } from 'node:path/posix';
import type { EnvPlan, Notice, ServiceConfig } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { join, relativeTo } from '../paths.ts';
import { readEnvReferences } from './references.ts';

const CODE = new Set(
  '.js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .astro .py .go .rs .rb .php'.split(' '),
);

/** A generated or minified file: nobody would look up a variable there. */
const MAX_BYTES = 1_000_000;

export interface EnvScan {
  readonly checkout: Checkout;
  /** The project's folder relative to the boundary, from which people type paths. */
  readonly prefix: string;
  readonly service: ServiceConfig;
  readonly directory: string;
  /** The service's own input files, relative to its root. */
  readonly files: readonly string[];
  readonly env: EnvPlan;
  /** Names of the variables that the caller has set and that svc does not pass on by itself. */
  readonly candidates: ReadonlySet<string>;
}

/**
 * A warning for each variable that the service's code reads, that the caller has set, and that the service's steps will
 * not receive: the first place where it is read, and the line to add.
 */
export async function envNotPassed(scan: EnvScan): Promise<Notice[]> {
  const unpassed = await withoutPassed(scan);
  if (unpassed.size === 0) return [];
  const files = scan.files.filter(file => CODE.has(extname(file)));
  const found = new Map<string, Notice>();
  const mentions = new RegExp(`\\b(?:${[...unpassed].join('|')})\\b`);
  for (const file of files) {
    for (const [name, notice] of readFrom(scan, file, unpassed, mentions)) {
      if (!found.has(name)) found.set(name, notice);
    }
  }
  return [...found.values()];
}

/** Shells export functions under names such as `BASH_FUNC_x%%`, which no code reads. */
function isPlainName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** Bindings exist at run time only, so a variable of that name is not the build's business. */
async function withoutPassed({ checkout, service, env, candidates }: EnvScan): Promise<Set<string>> {
  const bound = service.bindings.map(binding => binding.env);
  const texts = await Promise.all(env.files.map(file => checkout.read(file)));
  const inFiles = texts.flatMap(text => [...(text ?? '').matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)]);
  const passed = new Set([...env.names, ...bound, ...inFiles.map(match => match[1] ?? '')]);
  return new Set(
    [...candidates].filter(
      name => isPlainName(name) && !passed.has(name) && !env.prefixes.some(prefix => name.startsWith(prefix)),
    ),
  );
}

function readFrom(
  { checkout, prefix, service, directory }: EnvScan,
  file: string,
  names: ReadonlySet<string>,
  mentions: RegExp,
): [string, Notice][] {
  const path = join(directory, file);
  const bytes = checkout.bytes(path);
  // Most files mention none of the names, which shows without decoding them.
  if (!bytes || bytes.length > MAX_BYTES || !mentions.test(bytes.toString('latin1'))) return [];
  const text = bytes.toString('utf8');
  const shown = relativeTo(prefix, path);
  return readEnvReferences(text, names).map(({ name, line, column }) => [
    name,
    {
      code: 'env-not-passed',
      service: service.name,
      message: `service "${service.name}" reads ${name} (${shown}:${line}), which is set here but not passed on to its build`,
      help: `If the build needs it, add to svc.json: { "services": { "${service.name}": { "env": ["${name}"] } } }`,
      position: {
        file: shown,
        line,
        column,
        length: name.length,
        lineText: text.split('\n')[line - 1]?.replace(/\r$/, '') ?? '',
      },
    },
  ]);
}
