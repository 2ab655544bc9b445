// Outlives svc for a moment, to end what svc could not end when it was killed: `node watchdog.mjs RUN FOLDER`. Standard input
// is held open by svc; its end without a word before means that svc is gone.
import { rmSync } from 'node:fs';
import { killRun } from './kill-run.ts';

const [run = '', folder = ''] = process.argv.slice(2);
let isDone = false;

// Whatever ends svc together with its terminal must not end this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);

process.stdin
  .on('data', () => {
    isDone = true;
  })
  .on('close', () => {
    if (!isDone) {
      killRun(run);
      rmSync(folder, { recursive: true, force: true });
    }
    process.exit();
  });
