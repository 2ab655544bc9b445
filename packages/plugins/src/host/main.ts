import { pathToFileURL } from 'node:url';
import type { Call, Description, FromHost, Thrown, ToHost } from '../protocol.ts';
import { planRequest, remoteView } from './requests.ts';
import './use-own-kit.ts';

// A process of its own for one call of a builder's code. Standard output belongs to the builder; results go over the
// channel, which the builder does not see.
const file = process.argv[2] ?? '';
const answers = new Map<number, (message: Extract<ToHost, { type: 'answer' }>) => void>();
const post = process.send?.bind(process);
delete process.send;

function send(message: FromHost): void {
  if (!post) throw new Error('this program is started by svc');
  post(message);
}

process.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'call':
      void perform(message.call);
      break;
    case 'answer':
      answers.get(message.id)?.(message);
      answers.delete(message.id);
      break;
    case 'end':
      // What the builder printed last may still be on its way.
      process.stdout.write('', () => process.stderr.write('', () => process.exit(0)));
  }
});
// svc itself has gone.
process.on('disconnect', () => process.exit(1));

async function perform(call: Call): Promise<void> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    return send({ type: 'unloadable', error: described(error) });
  }
  try {
    send({ type: 'result', value: await answer(builderIn(module), call, module) });
  } catch (error) {
    send({ type: 'threw', error: described(error) });
  }
}

async function answer(
  builder: Readonly<Record<string, unknown>>,
  call: Call,
  module: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  switch (call.method) {
    case 'describe':
      return describe(builder, module);
    case 'plan':
      return (builder.plan as (request: unknown) => unknown)(planRequest(call.request));
    case 'develop':
      return (builder.develop as (request: unknown) => unknown)(planRequest(call.request));
    case 'finish':
      return (builder.finish as (request: unknown) => unknown)({ ...call.request, view });
  }
}

let questions = 0;
const view = remoteView(
  question =>
    new Promise((resolve, reject) => {
      const id = questions++;
      answers.set(id, ({ value, error }) =>
        error === undefined ? resolve(value) : reject(new Error(error)),
      );
      send({ type: 'question', id, question });
    }),
);

/** ES modules export it as `default`, CommonJS ones are it. */
function builderIn(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const [outer, inner] = [module.default, (module.default as { default?: unknown } | undefined)?.default];
  const found = [inner, outer, module].find(
    each => typeof each === 'object' && each !== null && ('plan' in each || 'build' in each),
  );
  return (found ?? outer ?? module) as Readonly<Record<string, unknown>>;
}

function describe(
  builder: Readonly<Record<string, unknown>>,
  module: Readonly<Record<string, unknown>>,
): Description {
  const { name, version, runtimes, tools, detects, plan, finish, develop, build } = builder;
  if (typeof plan === 'function' && typeof finish === 'function') {
    return {
      kind: 'svc',
      builder: { name, version, runtimes, tools, detects, develops: typeof develop === 'function' },
    };
  }
  if (typeof build === 'function' && typeof version === 'number') return { kind: 'vercel', version };
  return { kind: 'other', exports: Object.keys(module) };
}

function described(error: unknown): Thrown {
  if (!(error instanceof Error)) return { message: String(error), stack: [] };
  const { code, resource, permission } = error as Error & Readonly<Record<string, unknown>>;
  const stack = (error.stack ?? '')
    .split('\n')
    .filter(line => /^\s+at /.test(line) && !line.includes('node:'));
  return {
    message: error.message,
    stack: stack.slice(0, 5).map(line => line.trim()),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof resource === 'string' ? { resource } : {}),
    ...(typeof permission === 'string' ? { permission } : {}),
  };
}
