export type { BuildInput, InstallInput } from './input.ts';
export { installBuilder } from './install/install.ts';
export { type BuildRun, buildWithPackage } from './run/build.ts';
