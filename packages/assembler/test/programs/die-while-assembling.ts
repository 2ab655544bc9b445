import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { requestFor, serviceFiles } from '../support/requests.ts';

// Arguments: project folder, target, after how many changes of the file system the process is to be killed, and services
// that are kept unread. Prints `done` when it gets through.
const [, , folder = '', target = '', limit = '0', ...kept] = process.argv;
const others = Object.fromEntries(kept.map(name => [name, serviceFiles(name)]));
const trees = { web: serviceFiles('new'), api: serviceFiles('api-new'), ...others };
const whole = requestFor(folder, trees, { target });
const outputs = whole.outputs.filter(({ service }) => !kept.includes(service));
const request = { ...whole, outputs, kept, intact: new Set(kept) };

let left = Number(limit);
const changing = [
  'mkdirSync',
  'rmdirSync',
  'renameSync',
  'linkSync',
  'symlinkSync',
  'chmodSync',
  'writeFileSync',
  'unlinkSync',
  'rmSync',
] as const;
for (const name of changing) {
  const original = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (left-- === 0) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}
syncBuiltinESMExports();

const { assemble } = await import('../../src/index.ts');
const result = await assemble(request);
process.stdout.write(result.ok ? 'done' : JSON.stringify(result.failures));
