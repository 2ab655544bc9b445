// The program that runs one edge function or middleware: `node edge-launcher.mjs FUNCTION_DIRECTORY`, told by `SVC_LAUNCH`
// where to listen and whom to report to. The code sees web standards and next to nothing of Node (`context.ts`).
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { reportTo } from '../control.ts';
import { provideDataCache } from '../data-cache.ts';
import { readOrders, VISIBLE_VARIABLE } from '../orders.ts';
import { provideRequestContext } from '../request-context.ts';
import { endGracefully } from '../shutdown.ts';
import { bundleEdge } from './bundle.ts';
import { openContext } from './context.ts';
import { edgeListener, handlerOf } from './listener.ts';

const orders = readOrders();
const control = reportTo(orders);
const { pending, waitUntil } = provideRequestContext();

run(process.argv[2] ?? '.').catch(error => {
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  control.say({ state: 'failed', message }, () => process.exit(1));
});

async function run(directory: string): Promise<void> {
  const config = JSON.parse(readFileSync(join(directory, '.vc-config.json'), 'utf8')) as {
    entrypoint?: string;
    assets?: readonly { readonly name: string; readonly path: string }[];
  };
  const code = await bundleEdge(join(directory, config.entrypoint ?? 'index.js'), directory);
  const context = await openContext({
    directory,
    assets: new Map((config.assets ?? []).map(({ name, path }) => [name, path])),
    env: visibleEnvironment(),
  });
  control.onTags(provideDataCache(control.announce, context.web));
  const handler = handlerOf(context.run(code));
  const server = createServer(edgeListener(handler, context.web, waitUntil));
  // svc keeps its connections for as long as the function runs, and limits the time of requests itself.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  endGracefully(server, pending);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(orders.socket, resolve);
  });
  control.say({ state: 'listening' });
}

function visibleEnvironment(): Record<string, string | undefined> {
  const names = JSON.parse(process.env[VISIBLE_VARIABLE] ?? 'null') as readonly string[] | null;
  delete process.env[VISIBLE_VARIABLE];
  if (names === null) return { ...process.env };
  return Object.fromEntries(names.flatMap(name => (name in process.env ? [[name, process.env[name]]] : [])));
}
