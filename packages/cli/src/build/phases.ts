export { assembleDeployment } from './assemble.ts';
export { planBuild } from './plan.ts';
export { prepareRun, remember } from './prepare.ts';
export { planRecalled } from './recalled-plan.ts';
export { chooseAhead, runBuild } from './run.ts';
