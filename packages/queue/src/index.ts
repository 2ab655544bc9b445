export { countedVariables, isPassedAlways } from './environment.ts';
export { chooseMechanism, type IsolationLevel, type Mechanism } from './isolation/choose.ts';
export type { ToolFolder } from './isolation/isolation.ts';
export { type Reused, type RunRequest, type RunResult, runPlan, type ServiceResult } from './run-plan.ts';
export type { ToolPrograms } from './run-step.ts';
