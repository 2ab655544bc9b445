import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { loadCodecs } from '../src/remote/reapi-messages.ts';
import { treeOf } from '../src/remote/reapi-tree.ts';

const digest = { hash: 'ab'.repeat(32), size: 7 };
const wire = { hash: digest.hash, sizeBytes: 7 };

interface Folder {
  readonly files: readonly { readonly name: string }[];
  readonly directories: readonly { readonly name: string; readonly digest: { readonly hash: string } }[];
  readonly symlinks: readonly object[];
}

it('a tree holds each folder once, by its digest, with its names in the order of their bytes', async () => {
  const codecs = await loadCodecs();
  const paths = ['b/same/x', '\u{1f600}', '\uffee', 'b.txt', 'a/same/x', 'b/run'];
  const content = {
    files: paths.map(path => ({ path, digest, ...(path === 'b/run' && { executable: true as const }) })),
    links: [{ path: 'a/link', target: '../b/run' }],
  };
  const tree = treeOf(content, (message, value) => codecs(message).encode(value));
  for (const { digest, content } of tree.blobs)
    expect(createHash('sha256').update(content).digest('hex')).toBe(digest.hash);
  const bytes = tree.blobs.find(blob => blob.digest.hash === tree.digest.hash)?.content ?? Buffer.alloc(0);
  const { root, children } = codecs('Tree').decode(bytes) as { root: Folder; children: readonly Folder[] };
  expect(root.files.map(({ name }) => name)).toEqual(['b.txt', '\uffee', '\u{1f600}']);
  expect(root.directories.map(({ name }) => name)).toEqual(['a', 'b']);
  const byDigest = new Map(
    children.map(child => {
      const encoded = codecs('Directory').encode(child);
      return [createHash('sha256').update(encoded).digest('hex'), child];
    }),
  );
  expect(byDigest.size).toBe(3);
  expect(tree.blobs.map(blob => blob.digest.hash)).toEqual(expect.arrayContaining([...byDigest.keys()]));
  const inner = (folder: Folder | undefined, name: string) =>
    byDigest.get(folder?.directories.find(each => each.name === name)?.digest.hash ?? '');
  const a = inner(root, 'a');
  const b = inner(root, 'b');
  expect(a).toMatchObject({ files: [], symlinks: [{ name: 'link', target: '../b/run' }] });
  expect(b?.files).toEqual([{ name: 'run', digest: wire, isExecutable: true }]);
  expect(inner(a, 'same')).toBe(inner(b, 'same'));
  expect(inner(a, 'same')).toMatchObject({ files: [{ name: 'x', digest: wire }] });
});
