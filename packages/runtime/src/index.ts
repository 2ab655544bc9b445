export type { EmitRuntime, RequestRecord, RuntimeEvent } from './events.ts';
export type { ServiceUsage } from './metering.ts';
export { type RunningDeployment, type StartOptions, startDeployment } from './start.ts';
