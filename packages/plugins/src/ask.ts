import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emit } from '@svc/contracts';
import { type ChildEnd, runChild } from '@svc/process';
import type { LocatedPlugin } from './locate.ts';
import { printing } from './output-lines.ts';
import type { Call, FromHost, Thrown, ToHost, ViewAnswer, ViewQuestion } from './protocol.ts';

export interface AskContext {
  /** Absolute path of the bundled `host/main.ts`. */
  readonly host: string;
  /** Seconds that one call may take. */
  readonly limit: number;
  /** The caller's environment: the builder's code receives what it needs to find programs and temp folders. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface Question {
  readonly plugin: LocatedPlugin;
  readonly call: Call;
  readonly service: string | null;
  /** Absolute path of the one folder that the call may write to; null for none. */
  readonly writable: string | null;
  /** Answers for the working view; rejects for what may not be asked. */
  readonly view?: (question: ViewQuestion) => Promise<ViewAnswer>;
}

/** How a call of a builder's code ended. `last` are the last lines that it printed. */
export type Answer =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'threw' | 'unloadable'; readonly error: Thrown; readonly last: readonly string[] }
  | { readonly kind: 'ended'; readonly end: ChildEnd; readonly last: readonly string[] }
  | { readonly kind: 'late'; readonly last: readonly string[] }
  | { readonly kind: 'flooded'; readonly last: readonly string[] }
  | { readonly kind: 'cancelled' };

const PASSED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];

/**
 * Calls a builder's code in a process of its own: whatever it does (throw, hang, exit, print without end), svc goes on and
 * knows what happened. Node's permissions keep it from writing anywhere but `writable` and from starting programs, since
 * everything that runs is a step.
 */
export async function ask(question: Question, context: AskContext): Promise<Answer> {
  const { plugin, call, service, writable, view } = question;
  const stopping = new AbortController();
  let outcome: Answer | undefined;
  const settle = (answer: Answer) => {
    outcome ??= answer;
  };
  const stop = (answer: Answer) => {
    settle(answer);
    stopping.abort();
  };
  const cancel = () => stop({ kind: 'cancelled' });
  if (context.signal.aborted) return { kind: 'cancelled' };
  const began = performance.now();
  const output = printing(
    {
      id: `${service ?? 'builder'}:${call.method}`,
      label: `${call.method} (builder ${plugin.reference})`,
      service,
    },
    context.emit,
    () => {
      // Output may come later than the answer; it counts all the same, so that the outcome is no matter of luck.
      outcome = { kind: 'flooded', last: output.last };
      stopping.abort();
    },
  );
  const timer = setTimeout(() => stop({ kind: 'late', last: output.last }), context.limit * 1000);
  context.signal.addEventListener('abort', cancel, { once: true });
  let send: (message: ToHost) => void = () => undefined;
  const received = (message: FromHost) => {
    switch (message.type) {
      case 'question':
        void answerView(message.id, message.question, view).then(send);
        return;
      case 'result':
        settle({ kind: 'answered', value: message.value });
        send({ type: 'end' });
        return;
      case 'threw':
      case 'unloadable':
        settle({ kind: message.type, error: message.error, last: output.last });
        send({ type: 'end' });
    }
  };
  try {
    const end = await runChild({
      file: process.execPath,
      args: [...permissions(writable), context.host, plugin.file],
      cwd: plugin.folder,
      env: { TMPDIR: tmpdir(), ...passedOn(context.env) },
      onLine: output.line,
      signal: stopping.signal,
      grace: 500,
      channel: {
        opened: open => {
          send = open;
          send({ type: 'call', call });
        },
        received: message => received(message as FromHost),
      },
    });
    settle({ kind: 'ended', end, last: output.last });
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', cancel);
  }
  const answer = outcome ?? { kind: 'cancelled' };
  output.end(answer.kind === 'answered', Math.round(performance.now() - began));
  return answer;
}

async function answerView(id: number, question: ViewQuestion, view: Question['view']): Promise<ToHost> {
  try {
    if (!view) throw new Error('there is no working view while planning');
    const value = await view(question);
    return { type: 'answer', id, ...(value === undefined ? {} : { value }) };
  } catch (error) {
    return { type: 'answer', id, error: error instanceof Error ? error.message : String(error) };
  }
}

function passedOn(env: AskContext['env']): Record<string, string> {
  return Object.fromEntries(
    PASSED.flatMap(name => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Node's permission model; the worker is Node's own, for module hooks. */
function permissions(writable: string | null): string[] {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [
    flag,
    '--allow-fs-read=*',
    '--allow-worker',
    ...(writable === null ? [] : [`--allow-fs-write=${join(writable, '/')}`]),
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
  ];
}
