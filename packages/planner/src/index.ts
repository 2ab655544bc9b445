export { type EnvReference, readEnvReferences } from './env/references.ts';
export { frameworkInfo, loadFrameworks } from './frameworks/catalog.ts';
export {
  type DevelopedService,
  type DevelopmentInstall,
  type DevelopmentOptions,
  planDevelopment,
} from './plan-development.ts';
export { type PlanOptions, planProject } from './plan-project.ts';
