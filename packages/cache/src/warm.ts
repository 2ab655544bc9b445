/** The part of the package that a build with nothing to do loads: the file system's status, and nothing else. */
export { circumstancesText, type LastBuild, type LastBuildHeader, readLastBuild } from './last-build.ts';
export { areInputsUnchanged, isOutputIntact } from './nothing-changed.ts';
export { cacheFolder, keyedHash, variablesKey } from './places.ts';
export { seenVariables } from './variables.ts';
