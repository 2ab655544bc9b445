import { posix, relative } from 'node:path';
import type { BundleInput } from '../input.ts';

/** One run of the bundling tool. Folders are absolute and free of links. */
export interface BundleJob {
  readonly boundary: string;
  readonly root: string;
  /** Absolute path of the entrypoint. */
  readonly entrypoint: string;
  readonly input: BundleInput;
}

export type ModuleKind = 'esm' | 'cjs';

/** A path as the function's tree knows it: relative to the boundary. */
export function insideFunction(job: BundleJob, file: string): string {
  return relative(job.boundary, file);
}

/** Whether a file belongs to an installed package; else it is the service's own or a workspace package's source. */
export function isInstalled(job: BundleJob, file: string): boolean {
  return insideFunction(job, file).split('/').includes('node_modules');
}

export function isOutside(job: BundleJob, file: string): boolean {
  return insideFunction(job, file).startsWith('../');
}

export const CODE = /\.[cm]?[jt]sx?$/;
export const TYPESCRIPT = /\.(?:[cm]?ts|tsx)$/;

/** The name under which a source file is shipped: Node can load every name that this returns. */
export function shippedName(path: string): string {
  return path.replace(/\.(?:([cm]?)tsx?|jsx)$/, '.$1js');
}

/** A relative specifier that leads from one file to another. */
export function specifierTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}
