import { lockOutput } from '../../src/index.ts';

// Argument: target. Prints the result of locking it; holds the lock until standard input ends, then leaves without
// giving it back if it is told `die`.
const [, , target = ''] = process.argv;
const result = await lockOutput(target);
process.stdout.write(
  `${result.ok ? 'locked' : `${result.failures[0]?.code} ${result.failures[0]?.message}`}\n`,
);
let told = '';
for await (const chunk of process.stdin) told += chunk;
if (told.trim() === 'die') process.kill(process.pid, 'SIGKILL');
if (result.ok) result.value.release();
