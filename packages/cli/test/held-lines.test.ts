import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src/start/held-lines.ts', import.meta.url));

/** A program that writes more lines than a pipe holds to one that does not block, and that nobody reads at first. */
async function program(): Promise<string> {
  const stdin = {
    contents: `
      import { holding } from ${JSON.stringify(source)};
      const lines = holding(1);
      for (let count = 0; count < 20_000; count++) lines.write(JSON.stringify({ count, filler: 'x'.repeat(100 + (count % 97)) }));
      process.stderr.write('written');
      process.stdin.resume().on('end', () => lines.write('{"last":true}')).on('close', () => setTimeout(() => {}, 1_000));
    `,
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  };
  const built = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'esm' });
  return built.outputFiles[0]?.text ?? '';
}

it('loses whole lines to a slow reader, never parts of one', async () => {
  const code = await program();
  // The pipe is made not to block before the program starts, as terminals and other programs leave theirs.
  const nonBlocking =
    'import fcntl, os, sys; fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_NONBLOCK); os.execvp(sys.argv[1], sys.argv[1:])';
  const child = spawn('python3', ['-c', nonBlocking, process.execPath, '--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdout.pause();
  await once(child.stderr, 'data');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString())).resume();
  child.stdin.end();
  await once(child, 'close');
  const lines = text.split('\n').filter(line => line !== '');
  const read = lines.map(line => JSON.parse(line) as { count?: number; last?: boolean });
  expect(read.length).toBeGreaterThan(100);
  expect(read.length).toBeLessThan(20_001);
  expect(read.at(-1)).toEqual({ last: true });
});

it('writes everything when it is read', async () => {
  const code = await program();
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    input: '',
    maxBuffer: 64 * 1024 * 1024,
  }).toString();
  expect(text.trim().split('\n')).toHaveLength(20_001);
});
