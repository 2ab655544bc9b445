// Crashes at every n-th request, in one of three ways, and says before that which request it was and when.
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';

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

// When the process ends, the system closes this together with everything else: so the soak learns the moment.
connect(Number(process.env.SOAK_WATCH), '127.0.0.1').write(String(process.pid));

createServer((request, response) => {
  const token = request.url.split('/').at(-1);
  if (++count === every) {
    // At once, for there is no later.
    writeSync(1, `crash ${JSON.stringify({ token, pid: process.pid, at: Date.now() })}\n`);
    crash();
    return;
  }
  setTimeout(() => response.end(`survived ${token}\n`), 3);
}).listen(process.env.PORT);
