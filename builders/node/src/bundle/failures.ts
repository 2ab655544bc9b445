import { existsSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import type { Failure } from '@svc/contracts';
import type { Message } from 'esbuild';
import { installedPackage, isBare, packageName } from './installed.ts';
import type { BundleJob } from './job.ts';

/** A file as the user would type it from the project's folder. */
export function projectPath(job: Pick<BundleJob, 'boundary' | 'input'>, file: string): string {
  return relative(join(job.boundary, job.input.project), file);
}

/** What esbuild found wrong, each once, with its place. A package that isn't installed is named. */
export function bundleFailures(
  job: BundleJob,
  messages: readonly Message[],
  prefixes: ReadonlyMap<string, number>,
): Failure[] {
  return messages.map(message => {
    const place = position(job, message, prefixes);
    return {
      code: 'bundle-failed',
      ...explain(job, message),
      ...(place ? { position: place } : {}),
    };
  });
}

function explain(job: BundleJob, message: Message): { message: string; help?: string } {
  const specifier = /^Could not resolve "(.+)"/.exec(message.text)?.[1];
  if (specifier === undefined) return { message: message.text };
  if (!isBare(specifier)) {
    return { message: `"${specifier}" leads to no file`, help: 'Check the path: names are case-sensitive.' };
  }
  const name = packageName(specifier);
  const manifest = posix.join(projectPath(job, job.root) || '.', 'package.json');
  const importer = dirname(resolve(job.boundary, message.location?.file ?? '.'));
  if (message.notes.some(note => /is not exported|not currently exported/.test(note.text))) {
    return { message: `the package "${name}" does not export "${specifier}"` };
  }
  if (installedPackage(name, importer, job.boundary) !== undefined) {
    return {
      message: `the package "${name}" is there, but the file that "${specifier}" stands for is not`,
      help: `If "${name}" is a workspace package, build it in the service's buildCommand, or let its "exports" name its sources.`,
    };
  }
  return {
    message: `the package "${name}" is not installed`,
    help: existsSync(join(job.boundary, '.pnp.cjs'))
      ? 'Yarn installs without node_modules here. Write "nodeLinker: node-modules" in .yarnrc.yml.'
      : `Add it to "dependencies" in ${manifest}, for example with: npm install ${name}`,
  };
}

function position(
  job: BundleJob,
  message: Message,
  prefixes: ReadonlyMap<string, number>,
): Failure['position'] {
  const location = message.location;
  if (!location) return undefined;
  const file = resolve(job.boundary, location.file);
  const hidden = location.line === 1 ? (prefixes.get(file) ?? 0) : 0;
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString().length;
  return {
    file: projectPath(job, file),
    line: location.line,
    column: Math.max(before - hidden, 0) + 1,
    ...(location.length > 0 ? { length: location.length } : {}),
    lineText: location.lineText.slice(hidden),
  };
}
