export { assembleDeployment } from './assemble.ts';
export { prepareRun, remember } from './prepare.ts';
export { planRecalled } from './recalled-plan.ts';
export { chooseAhead, runBuild } from './run.ts';
