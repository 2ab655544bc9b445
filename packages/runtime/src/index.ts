export type { DeployedFunction } from './deployment/function-config.ts';
export { readDeployment, type Tree } from './deployment/read.ts';
export { routerOf } from './deployment/tables.ts';
export type { EmitRuntime, RequestRecord, RuntimeEvent } from './events.ts';
export { launchContainer } from './functions/container/launch.ts';
export { NOT_PASSED } from './functions/environment.ts';
export type { Instance } from './functions/host.ts';
export { firstToAccept, freePort, onLoopback } from './functions/probe.ts';
export {
  describeEnd,
  type FunctionProcess,
  type LaunchPlan,
  StartError,
  startProcess,
} from './functions/processes.ts';
export { openRunFolder, type RunFolder } from './functions/run-folder.ts';
export { asNodeHeaders, withId } from './http/header-list.ts';
export { type LaunchOrders, ORDERS_VARIABLE } from './launcher/orders.ts';
export { Meter, type ServiceUsage } from './metering/meter.ts';
export { PageCache } from './prerender/page-cache.ts';
export { PageStore } from './prerender/page-store.ts';
export type { ProtectionOptions } from './protection/guard.ts';
export type { Endpoint } from './proxy/connection.ts';
export { ConnectionPool } from './proxy/pool.ts';
export { close, type Listening, listen, openPort } from './server/addresses.ts';
export { type Door, noTraffic } from './server/door.ts';
export { drain } from './server/drain.ts';
export { listener } from './server/listener.ts';
export type { Host, Problem, Site } from './server/site.ts';
export type { Visit } from './server/visit.ts';
export { type RunningDeployment, type StartOptions, startDeployment } from './start.ts';
export { FileStore } from './static/file-store.ts';
export { RUN_VARIABLE } from './watchdog/kill-run.ts';
