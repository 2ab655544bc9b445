export { type ChildChannel, type ChildEnd, type ChildSpec, runChild } from './child.ts';
export { killAllTrees, TREE_MARKER } from './tree.ts';
