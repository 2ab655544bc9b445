export { type ForeignBuilder, type LoadContext, type LoadedPlugins, loadPlugins } from './load.ts';
export { type LocatedPlugin, locatePlugin } from './locate.ts';
export { foldersOfTools, type ShownFolder } from './shown-folders.ts';
