/** The part of the package that puts a deployment back as it was: loaded by itself, before anything else of svc. */
export { replaceOutput } from './replace-output.ts';
