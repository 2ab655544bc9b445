// The program that runs one Node function: `node launcher.mjs FUNCTION_DIRECTORY`, told by `SVC_LAUNCH` where to listen and
// whom to report to. Started by `functions/node.ts`; the forms of functions are those of section 5.1 of the reference.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportTo } from './control.ts';
import { provideDataCache } from './data-cache.ts';
import { serverFor } from './entry-forms.ts';
import { acceptOn, interceptListening } from './listening.ts';
import { readOrders } from './orders.ts';
import { reachOwnAddress } from './own-address.ts';
import { provideRequestContext } from './request-context.ts';
import { endGracefully } from './shutdown.ts';

const orders = readOrders();
const control = reportTo(orders);
const { pending } = provideRequestContext();
const listening = interceptListening(orders);
control.onTags(provideDataCache(control.announce));
reachOwnAddress(orders.ownHosts);

run(process.argv[2] ?? '.').catch(error => {
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  control.say({ state: 'failed', message }, () => process.exit(1));
});

async function run(directory: string): Promise<void> {
  const server = await load(directory);
  endGracefully(server, pending);
  await acceptOn(server, orders.socket);
  control.say({ state: 'listening' });
}

async function load(directory: string): Promise<Server> {
  const config = JSON.parse(readFileSync(join(directory, '.vc-config.json'), 'utf8')) as {
    handler: string;
    shouldAddHelpers?: boolean;
  };
  const module: unknown = await import(pathToFileURL(join(directory, config.handler)).href);
  return serverFor(module, {
    listening,
    addHelpers: config.shouldAddHelpers === true,
    patience: orders.patience,
  });
}
