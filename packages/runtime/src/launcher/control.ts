import { connect } from 'node:net';
import type { LaunchOrders, LaunchReport } from './orders.ts';

type Saying<T> = T extends unknown ? Omit<T, 'instance'> : never;

export interface Control {
  /** @param done called when the report is on its way. */
  say(report: Saying<LaunchReport>, done?: () => void): void;
  /** Tells every function that something with these tags has changed. Resolves when this one has heard of it. */
  announce(tags: readonly string[]): Promise<void>;
  /** Calls back with the tags that any function has announced. */
  onTags(listener: (tags: readonly string[]) => void): void;
}

/**
 * The line to svc. It does not keep the process alive, and when it breaks the function ends: svc was killed, and nobody
 * else would end it.
 */
export function reportTo({ control, instance, service }: LaunchOrders): Control {
  const socket = connect(control);
  const waiting = new Map<string, () => void>();
  let listener: (tags: readonly string[]) => void = () => undefined;
  let text = '';
  let announced = 0;
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const { id, tags } = JSON.parse(line) as { id: string; tags: readonly string[] };
      listener(tags);
      waiting.get(id)?.();
      waiting.delete(id);
    }
  });
  socket.unref();
  const say: Control['say'] = (report, done) =>
    void socket.write(`${JSON.stringify({ instance, ...report })}\n`, () => done?.());
  return {
    say,
    announce: tags =>
      new Promise(resolve => {
        const id = `${instance}:${announced++}`;
        waiting.set(id, resolve);
        say({ state: 'tags', id, service, tags });
      }),
    onTags: heard => {
      listener = heard;
    },
  };
}
