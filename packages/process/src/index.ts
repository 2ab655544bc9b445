export { type ChildEnd, type ChildSpec, runChild, TREE_MARKER } from './child.ts';
export { killAllTrees } from './tree.ts';
