import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Registry {
  /** `127.0.0.1:41234` */
  readonly host: string;
  stop(): Promise<void>;
}

/** The distribution project's registry (`docker-registry` of Debian) on loopback, with an empty store in that folder. */
export async function startRegistry(folder: string): Promise<Registry> {
  const port = await freePort();
  const store = join(folder, 'store');
  await mkdir(store, { recursive: true });
  const file = join(folder, 'registry.yml');
  await writeFile(
    file,
    [
      'version: 0.1',
      'log: { level: warn }',
      `storage: { filesystem: { rootdirectory: ${JSON.stringify(store)} } }`,
      `http: { addr: "127.0.0.1:${port}" }`,
      '',
    ].join('\n'),
  );
  const child: ChildProcess = spawn('docker-registry', ['serve', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  let output = '';
  child.stderr?.on('data', chunk => (output += String(chunk)));
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`docker-registry ended with ${code}: ${output}`)));
  });
  ended.catch(() => undefined);
  const host = `127.0.0.1:${port}`;
  const answering = async () => {
    for (;;) {
      const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise(setImmediate);
    }
  };
  await Promise.race([answering(), ended]);
  return {
    host,
    stop: async () => {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
