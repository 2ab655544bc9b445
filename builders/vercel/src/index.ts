export { vercelBuilder } from './builder.ts';
export { finishPackage } from './finish.ts';
export { OFFICIAL_PACKAGES, readPackageRequest, takesBuilder } from './packages.ts';
export { type PackageChoice, planPackage } from './plan.ts';
