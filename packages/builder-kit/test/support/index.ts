// What tests of builders share: projects on disk, plans without a planner, steps run in place, functions started from a copy.
export * from './build-service.ts';
export * from './files.ts';
export * from './launch.ts';
export * from './plan-request.ts';
export * from './programs.ts';
export * from './workshop.ts';
