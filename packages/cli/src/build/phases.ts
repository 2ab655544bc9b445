export { assembleDeployment } from './assemble.ts';
export { planBuild } from './plan.ts';
export { chooseAhead, runBuild } from './run.ts';
