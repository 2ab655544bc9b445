import { ContractError } from '../host/errors.ts';

/**
 * What builders return, as the vendor's `@vercel/build-utils` defines it. The objects come from whatever copy of that package a
 * builder brings, so they are recognised by their `type` alone.
 */
export type File = FileFsRef | FileBlob | FileRef;

interface FileBase {
  readonly mode?: number;
  readonly contentType?: string;
}
export interface FileFsRef extends FileBase {
  readonly type: 'FileFsRef';
  readonly fsPath: string;
}
export interface FileBlob extends FileBase {
  readonly type: 'FileBlob';
  readonly data: string | Uint8Array;
}
/** A file that lies somewhere else and knows how to fetch itself. */
export interface FileRef extends FileBase {
  readonly type: 'FileRef';
  toStreamAsync?(): Promise<NodeJS.ReadableStream>;
  toStream(): NodeJS.ReadableStream;
}

export type Files = Readonly<Record<string, File>>;

export interface Lambda {
  readonly type: 'Lambda';
  readonly handler: string;
  readonly runtime: string;
  readonly files?: Files;
  readonly zipBuffer?: Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly [setting: string]: unknown;
}
export interface EdgeFunction {
  readonly type: 'EdgeFunction';
  readonly entrypoint: string;
  readonly files: Files;
  readonly [setting: string]: unknown;
}
export interface Prerender {
  readonly type: 'Prerender';
  readonly lambda?: Lambda | EdgeFunction;
  readonly fallback?: File | null;
  readonly [setting: string]: unknown;
}
export type Output = File | Lambda | EdgeFunction | Prerender;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const TYPES = new Set(['FileFsRef', 'FileBlob', 'FileRef', 'Lambda', 'EdgeFunction', 'Prerender']);

/** Checks one output. Throws a `ContractError` that names it. */
export function asOutput(value: unknown, path: string): Output {
  const type = isObject(value) ? value.type : undefined;
  if (typeof type === 'string' && TYPES.has(type)) return value as Output;
  const said =
    type === undefined ? 'something without a "type"' : `an output of type ${JSON.stringify(type)}`;
  throw new ContractError(`it returned ${said} for "${path}", which svc does not know how to deploy`);
}

export function isFile(output: Output): output is File {
  return output.type === 'FileFsRef' || output.type === 'FileBlob' || output.type === 'FileRef';
}
