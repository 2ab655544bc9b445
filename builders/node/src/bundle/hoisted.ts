import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type BundleJob, insideFunction } from './job.ts';

const STORED = /^(?<store>(?:.*\/)?node_modules\/\.pnpm)\/[^/]+\/node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\//;

/**
 * pnpm also links every package from `.pnpm/node_modules`, where packages find what they load by a name they are given
 * at run time, such as Express its view engine. The links of the packages that were traced are theirs too.
 */
export function hoistedLinks(job: BundleJob, files: Iterable<string>): string[] {
  const links = new Map<string, string>();
  for (const path of files) {
    const match = STORED.exec(path);
    const { store, name } = match?.groups ?? {};
    if (match && store && name) links.set(match[0].slice(0, -1), `${store}/node_modules/${name}`);
  }
  return [...links].filter(([folder, link]) => leadsTo(job, link, folder)).map(([, link]) => link);
}

function leadsTo(job: BundleJob, link: string, folder: string): boolean {
  const path = join(job.boundary, link);
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink && insideFunction(job, realpathSync(path)) === folder;
}
