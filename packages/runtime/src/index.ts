export { readDeployment } from './deployment/read.ts';
export { routerOf } from './deployment/tables.ts';
export type { EmitRuntime, RequestRecord, RuntimeEvent } from './events.ts';
export type { ServiceUsage } from './metering/meter.ts';
export type { ProtectionOptions } from './protection/guard.ts';
export { type RunningDeployment, type StartOptions, startDeployment } from './start.ts';
