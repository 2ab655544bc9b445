import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from './random.ts';
import { sealed, tarIn, withChecksum } from './raw-tar.ts';

/** What there is in a deployment to be changed. */
export interface Parts {
  readonly files: readonly string[];
  readonly links: readonly string[];
  readonly folders: readonly string[];
}

type DirectoryMutation = (root: string, parts: Parts, random: Random) => void;

function flipBit(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const index = random.below(copy.length);
  copy[index] = (copy[index] ?? 0) ^ (1 << random.below(8));
  return copy;
}

function flipIn(path: string, random: Random): void {
  writeFileSync(path, flipBit(readFileSync(path), random));
}

export const DIRECTORY_MUTATIONS: Readonly<Record<string, DirectoryMutation>> = {
  'a flipped bit': (root, { files }, random) => flipIn(join(root, random.of(files)), random),
  'a flipped bit in the manifest': (root, _, random) => flipIn(join(root, 'deployment.json'), random),
  'an appended byte': (root, { files }, random) => appendFileSync(join(root, random.of(files)), ' '),
  'a truncated file': (root, { files }, random) => {
    const path = join(root, random.of(files));
    truncateSync(path, random.below(statSync(path).size));
  },
  'a missing file': (root, { files }, random) => rmSync(join(root, random.of(files))),
  'a missing link': (root, { links }, random) => rmSync(join(root, random.of(links))),
  'an added file': (root, { folders }, random) =>
    writeFileSync(join(root, random.of(folders), `added-${random.below(1000)}`), ''),
  'an added folder': (root, { folders }, random) =>
    mkdirSync(join(root, random.of(folders), `added-${random.below(1000)}`), { mode: 0o755 }),
  'an added link': (root, { folders }, random) =>
    symlinkSync('config.json', join(root, random.of(folders), `added-${random.below(1000)}`)),
  'another link target': (root, { links }, random) => {
    const path = join(root, random.of(links));
    const target = readlinkSync(path);
    rmSync(path);
    symlinkSync(`./${target}`, path);
  },
  'another mode of a file': (root, { files }, random) => {
    const path = join(root, random.of([...files, 'deployment.json']));
    const mode = statSync(path).mode & 0o7777;
    chmodSync(
      path,
      random.of([0o666, 0o600, 0o644, 0o755, 0o4755, 0o2755, 0o1644].filter(other => other !== mode)),
    );
  },
  'another mode of a folder': (root, { folders }, random) =>
    chmodSync(join(root, random.of(folders)), random.of([0o777, 0o700, 0o2755, 0o1755])),
  'another name': (root, { files }, random) => {
    const path = join(root, random.of(files));
    renameSync(path, join(dirname(path), `renamed-${random.below(1000)}`));
  },
  'a file that became a link to its own content': (root, { files }, random) => {
    const path = join(root, random.of(files));
    renameSync(path, `${root}.content`);
    symlinkSync(`${root}.content`, path);
  },
  'a file that became a folder': (root, { files }, random) => {
    const path = join(root, random.of(files));
    rmSync(path);
    mkdirSync(path);
  },
};

type ArchiveMutation = (archive: Buffer, random: Random) => Buffer;

/** Offsets of the members' headers in a tar without extended headers. */
function members(tar: Buffer): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (let start = 0; tar[start] !== 0; ) {
    const size = Number.parseInt(tar.toString('latin1', start + 124, start + 135), 8);
    const end = start + 512 + Math.ceil(size / 512) * 512;
    found.push({ start, end });
    start = end;
  }
  return found;
}

/** A change of the tar itself, compressed and sealed again as `svc pack` would. */
function resealed(change: (tar: Buffer, random: Random) => Buffer): ArchiveMutation {
  return (archive, random) => sealed(change(tarIn(archive), random));
}

function inHeader(change: (block: Buffer, random: Random) => void): ArchiveMutation {
  return resealed((tar, random) => {
    const { start } = random.of(members(tar).slice(1));
    const block = tar.subarray(start, start + 512);
    change(block, random);
    withChecksum(block);
    return tar;
  });
}

export const ARCHIVE_MUTATIONS: Readonly<Record<string, ArchiveMutation>> = {
  'a flipped bit': flipBit,
  'a flipped bit in the last hundred bytes': (archive, random) =>
    Buffer.concat([archive.subarray(0, -100), flipBit(archive.subarray(-100), random)]),
  'a cut end': (archive, random) => archive.subarray(0, random.below(archive.length)),
  'a cut start': (archive, random) => archive.subarray(1 + random.below(archive.length - 1)),
  'bytes behind the end': (archive, random) => Buffer.concat([archive, Buffer.alloc(1 + random.below(600))]),
  'the archive twice': archive => Buffer.concat([archive, archive]),
  'bytes missing within': (archive, random) => {
    const at = random.below(archive.length - 10);
    return Buffer.concat([archive.subarray(0, at), archive.subarray(at + 1 + random.below(9))]);
  },
  'a flipped bit in the tar': resealed(flipBit),
  'a missing member': resealed((tar, random) => {
    const { start, end } = random.of(members(tar));
    return Buffer.concat([tar.subarray(0, start), tar.subarray(end)]);
  }),
  'a member twice': resealed((tar, random) => {
    const { start, end } = random.of(members(tar));
    return Buffer.concat([tar.subarray(0, end), tar.subarray(start)]);
  }),
  'two members exchanged': resealed((tar, random) => {
    const all = members(tar);
    const index = random.below(all.length - 1);
    const [first, second] = all.slice(index, index + 2);
    if (!first || !second) throw new Error('no two members');
    return Buffer.concat([
      tar.subarray(0, first.start),
      tar.subarray(second.start, second.end),
      tar.subarray(first.start, first.end),
      tar.subarray(second.end),
    ]);
  }),
  'another mode': inHeader((block, random) => {
    const mode = block.toString('latin1', 100, 107);
    const others = ['000666 ', '000755 ', '000644 ', '004755 ', '000600 '].filter(other => other !== mode);
    block.write(random.of(others), 100, 'latin1');
  }),
  'another owner': inHeader((block, random) => {
    block.write('000001 ', random.of([108, 116]), 'latin1');
  }),
  'another time': inHeader(block => {
    block.write('00000000001 ', 136, 'latin1');
  }),
  'a tar without its end': resealed(tar => tar.subarray(0, -512)),
  'a tar that goes on': resealed((tar, random) => Buffer.concat([tar, Buffer.alloc(1 + random.below(2000))])),
};
