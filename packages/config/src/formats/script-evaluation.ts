import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@svc/contracts';
import type { ScriptContext } from './index.ts';

/** The vendor's limit too. Milliseconds. */
const TIME_LIMIT = 10_000;

export type Evaluation =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      readonly message: string;
      readonly help?: string;
      /** Counted from 1, in the configuration file. */
      readonly line?: number;
      readonly column?: number;
    };

/**
 * Runs in the child. It writes its answer into a file, because the configuration itself may print. Functions have no
 * place in a configuration and are left out, as JSON leaves them out.
 */
const LOADER = `
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [bundle, answer] = process.argv.slice(1);
const tell = value => writeFileSync(answer, JSON.stringify(value));
try {
  const module = await import(pathToFileURL(bundle));
  const { default: main, config, ...rest } = module;
  const value = await (main?.default ?? main ?? config ?? rest);
  const text = typeof value === 'function' ? undefined : JSON.stringify(value);
  tell(text === undefined ? { kind: typeof value } : { value: JSON.parse(text) });
} catch (error) {
  const thrown = error instanceof Error ? error : new Error(String(error));
  tell({ name: thrown.name, message: thrown.message, stack: String(thrown.stack) });
}
process.exit();
`;

type Answer =
  | { readonly value: Json }
  | { readonly kind: string }
  | { readonly name: string; readonly message: string; readonly stack: string };

/** Evaluates a bundled configuration in a Node process of its own, with the caller's environment. Limit in milliseconds. */
export async function evaluate(
  code: string,
  context: ScriptContext,
  limit = TIME_LIMIT,
): Promise<Evaluation> {
  const scratch = await mkdtemp(join(tmpdir(), 'svc-config-'));
  try {
    const bundle = join(scratch, 'config.mjs');
    const answer = join(scratch, 'answer.json');
    await writeFile(bundle, code);
    const ending = await runLoader([bundle, answer], context, limit);
    if (ending.timedOut) {
      return {
        ok: false,
        message: `The configuration did not finish within ${limit / 1000} seconds`,
        help: 'It must only compute its export: look for a server, a timer or a request that keeps it waiting.',
      };
    }
    const text = await readFile(answer, 'utf8').catch(() => undefined);
    return text === undefined ? endedEarly(ending) : understood(JSON.parse(text) as Answer);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Ending {
  readonly timedOut: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  /** What it printed to standard error, its last part. */
  readonly errors: string;
}

function runLoader(files: readonly string[], context: ScriptContext, limit: number): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--input-type=module', '--eval', LOADER, ...files],
      { cwd: context.directory, env: { ...context.env }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let timedOut = false;
    let errors = '';
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, limit);
    process.once('exit', kill);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-4000);
    });
    const settle = () => {
      clearTimeout(timer);
      process.removeListener('exit', kill);
      child.stderr.destroy();
    };
    child.once('error', error => {
      settle();
      reject(error);
    });
    // 'exit', not 'close': a grandchild that keeps the pipe open must not keep us waiting.
    child.once('exit', (code, signal) => {
      settle();
      resolve({ timedOut, code, signal, errors });
    });
  });
}

function endedEarly(ending: Ending): Evaluation {
  const how = ending.signal === null ? `code ${ending.code}` : ending.signal;
  const syntax = /SyntaxError: (.*)/.exec(ending.errors)?.[1];
  return {
    ok: false,
    message: syntax ?? `The configuration ended its process (${how}) before it gave a result`,
    help: 'It must export an object and must not call process.exit.',
  };
}

function understood(answer: Answer): Evaluation {
  if ('value' in answer) return { ok: true, value: answer.value };
  if ('kind' in answer) {
    return {
      ok: false,
      message: `The configuration must export an object; its export is ${answer.kind === 'function' ? 'a function' : answer.kind}`,
      help: 'Write export default { services: { … } }.',
    };
  }
  return {
    ok: false,
    message: `The configuration failed: ${answer.name === 'Error' ? '' : `${answer.name}: `}${firstLine(answer.message)}`,
    ...placeIn(answer.stack),
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** The innermost frame of the configuration file itself: source maps have put its name and place into the stack. */
function placeIn(stack: string): { line: number; column: number } | undefined {
  const frame = /[/\\(]vercel\.(?:ts|mts|js|mjs|cjs):(\d+):(\d+)/.exec(stack);
  return frame ? { line: Number(frame[1]), column: Number(frame[2]) } : undefined;
}
