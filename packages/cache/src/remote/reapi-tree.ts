import type { Digest, Entry } from '../entry.ts';
import { digestOf, toWire } from './wire-digest.ts';

type Encode = (message: string, value: object) => Buffer;
type Content = Pick<Entry, 'files' | 'links'>;

interface Folder {
  readonly files: { name: string; digest: object; isExecutable: boolean }[];
  readonly symlinks: { name: string; target: string }[];
  readonly folders: Map<string, Folder>;
}

export interface Tree {
  /** Of the `Tree` message. */
  readonly digest: Digest;
  /** That message, and each `Directory` by itself: some servers look for those before they give a result away. */
  readonly blobs: readonly { readonly digest: Digest; readonly content: Buffer }[];
}

/**
 * A result's files, folders and links as the `Tree` message of the Remote Execution API: its root `Directory`, and those of all
 * folders below. Names in each are in the order of their bytes, as remote_execution.proto wants them.
 */
export function treeOf({ files, links }: Content, encode: Encode): Tree {
  const root = newFolder();
  for (const { path, digest, executable } of files) {
    const { folder, name } = place(root, path);
    folder.files.push({ name, digest: toWire(digest), isExecutable: executable === true });
  }
  for (const { path, target } of links) {
    const { folder, name } = place(root, path);
    folder.symlinks.push({ name, target });
  }
  const children = new Map<string, Directory>();
  const top = directory(root, children, encode);
  const messages = [...children.values()].map(({ message }) => message);
  const content = encode('Tree', { root: top.message, children: messages });
  const blobs = [...children.values(), top].map(({ digest, content }) => ({ digest, content }));
  const digest = digestOf(content);
  return { digest, blobs: [...blobs, { digest, content }] };
}

interface Directory {
  readonly message: object;
  readonly digest: Digest;
  readonly content: Buffer;
}

/** Those of the folders below are put into `children`, by their digest. */
function directory(folder: Folder, children: Map<string, Directory>, encode: Encode): Directory {
  const directories = [...folder.folders].map(([name, below]) => {
    const inner = directory(below, children, encode);
    children.set(inner.digest.hash, inner);
    return { name, digest: toWire(inner.digest) };
  });
  const message = {
    files: inOrder(folder.files),
    directories: inOrder(directories),
    symlinks: inOrder(folder.symlinks),
  };
  const content = encode('Directory', message);
  return { message, digest: digestOf(content), content };
}

function place(root: Folder, path: string) {
  const names = path.split('/');
  const name = names.pop() ?? '';
  let folder = root;
  for (const part of names) {
    const inner = folder.folders.get(part) ?? newFolder();
    folder.folders.set(part, inner);
    folder = inner;
  }
  return { folder, name };
}

function newFolder(): Folder {
  return { files: [], symlinks: [], folders: new Map() };
}

function inOrder<T extends { readonly name: string }>(nodes: readonly T[]): T[] {
  return nodes
    .map(node => ({ node, bytes: Buffer.from(node.name) }))
    .sort((a, b) => a.bytes.compare(b.bytes))
    .map(({ node }) => node);
}
