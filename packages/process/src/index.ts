export { type ChildEnd, type ChildSpec, runChild } from './child.ts';
export { isRunning } from './running.ts';
export { killAllTrees, TREE_MARKER } from './tree.ts';
