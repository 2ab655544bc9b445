// Crashes at every n-th request, by turns in three ways, and says before that which request it was and when.
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';

const every = Number(process.env.SOAK_CRASH_EVERY);
const ways = [
  () => process.exit(1),
  () => process.kill(process.pid, 'SIGKILL'),
  () => {
    setImmediate(() => {
      throw new Error('crashed as it was asked to');
    });
  },
];
const crash = ways[process.pid % ways.length];
let count = 0;

createServer((request, response) => {
  const token = request.url.split('/').at(-1);
  if (++count === every) {
    // At once, for there is no later.
    writeSync(1, `crash ${JSON.stringify({ token, at: Date.now() })}\n`);
    crash();
    return;
  }
  setTimeout(() => response.end(`survived ${token}\n`), 3);
}).listen(process.env.PORT);
