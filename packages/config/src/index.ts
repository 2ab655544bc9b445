export { findBoundary } from './boundary.ts';
export { findProject, type ProjectLocation } from './find-project.ts';
export { CONFIG_FILES } from './formats/names.ts';
export { type LoadOptions, loadProject } from './load-project.ts';
