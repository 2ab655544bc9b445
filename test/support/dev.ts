import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { DevEvent } from '@svc/dev';
import { afterAll } from 'vitest';
import { type Ended, type Started, start } from './cli.ts';

type EventOf<Type extends DevEvent['type']> = Extract<DevEvent, { type: Type }>;

export interface Dev {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** As `--json` tells them, with the time at which they happened (ISO 8601). */
  readonly events: readonly (DevEvent & { readonly at: string })[];
  readonly ended: Promise<Ended>;
  /** Resolves with the first event that fits, of those told from `after` on. */
  next<Type extends DevEvent['type']>(
    type: Type,
    fits?: (event: EventOf<Type>) => boolean,
    after?: number,
  ): Promise<EventOf<Type>>;
  /** Resolves when the service is ready, counted from `after` on. */
  ready(service: string, after?: number): Promise<unknown>;
  text(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  /** Asks again until the answer holds that text. */
  sees(path: string, text: string): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

const running: Started[] = [];
afterAll(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGTERM');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});

/** `svc dev --json` on a free port; resolves when it answers. It is stopped after the tests. */
export async function dev(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Dev> {
  const started = start(['dev', '--json', '--port', '0', ...args], { cwd: folder, env });
  running.push(started);
  const { child, ended } = started;
  const events: (DevEvent & { readonly at: string })[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    events.push(
      ...lines
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as DevEvent & { readonly at: string }),
    );
    for (const look of waiting) look();
  });
  const next: Dev['next'] = (type, fits = () => true, after = 0) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = (events as readonly DevEvent[])
          .slice(after)
          .find((event): event is EventOf<typeof type> => event.type === type && fits(event as never));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void ended.then(({ code, stderr, stdout }) =>
        reject(new Error(`svc dev ended with ${code} before ${type}:\n${stderr}\n${stdout.slice(-4000)}`)),
      );
      look();
    });
  const { port } = await next('dev.started');
  const url = `http://127.0.0.1:${port}`;
  const text: Dev['text'] = async (path, headers = {}) => (await fetch(url + path, { headers })).text();
  return {
    pid: child.pid ?? 0,
    port,
    url,
    events,
    ended,
    next,
    ready: (service, after) =>
      next('service.state', event => event.service === service && event.state === 'ready', after),
    text,
    sees: async (path, wanted) => {
      for (;;) {
        const seen = await text(path).catch(String);
        if (seen.includes(wanted)) return;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    stop: signal => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Ids of processes whose command line holds a text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(name => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Resolves when a condition holds; the test's own time limit ends a wait in vain. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20));
}

export function isOpen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
