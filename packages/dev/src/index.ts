export type { DevEvent, EmitDev, ServiceState } from './events.ts';
export { type DevLock, holdCheckout } from './lock.ts';
export { portHolder } from './port-holder.ts';
export { type DevOptions, type RunningDev, startDev } from './start-dev.ts';
