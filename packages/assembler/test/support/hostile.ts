import { gzipSync } from 'node:zlib';
import {
  archive,
  declared,
  END_OF_TAR,
  manifestOf,
  padded,
  pax,
  rawFile,
  rawHeader,
  rawLink,
  rawPax,
  seal,
  sealed,
  tarIn,
  withChecksum,
} from './raw-tar.ts';

/** An archive that must be refused, and what the refusal has to say. */
export type Hostile = readonly [archive: () => Buffer, says: RegExp];

const EVIL = 'evil';
const decl = declared(EVIL);

/** A file under this name, declared in a manifest that agrees with itself. */
const named = (name: string): Buffer => archive({ [name]: decl }, [rawFile(name, EVIL)]);
/** A member that no manifest declares. */
const undeclared = (...members: Buffer[]): Buffer => archive({}, members);
const good = (): Buffer => archive({ 'a.txt': decl }, [rawFile('a.txt', EVIL)]);

const base256 = (first: number): Buffer => {
  const size = Buffer.alloc(12, first === 0xff ? 0xff : 0);
  size[0] = first;
  size[11] = first === 0xff ? 0xf0 : 4;
  return size;
};

export const HOSTILE: Readonly<Record<string, Hostile>> = {
  // Names that lead elsewhere
  'an absolute name': [() => named('/tmp/evil'), /\/tmp\/evil is refused: its name is absolute/],
  'an absolute name nobody declared': [() => undeclared(rawFile('/etc/evil', EVIL)), /its name is absolute/],
  'a climbing name': [
    () => named('../canary.txt'),
    /\.\.\/canary\.txt is refused: its name has the segment "\.\."/,
  ],
  'a climbing name nobody declared': [() => undeclared(rawFile('../../canary.txt', EVIL)), /segment "\.\."/],
  'a name that climbs in the middle': [() => named('static/../../canary.txt'), /segment "\.\."/],
  'a name that ends in two dots': [() => named('static/..'), /segment "\.\."/],
  'a segment of one dot': [() => named('./canary.txt'), /segment "\."/],
  'an empty segment': [() => named('static//canary.txt'), /empty segment/],
  'an empty name': [() => undeclared(rawFile('', EVIL)), /its name is empty/],
  'a drive letter': [() => named('C:/canary.txt'), /absolute/],
  'a drive letter without a slash': [() => named('C:canary.txt'), /absolute/],
  'a climbing name with backslashes': [() => named('..\\canary.txt'), /backslash/],
  'a share': [() => named('\\\\server\\share'), /absolute/],
  'dots that Windows drops': [() => named('static/.. /canary.txt'), /segment "\.\. "/],
  'dots in one character': [() => named('\u2025/canary.txt'), /climbs once its characters are normalised/],
  'wide dots and slashes': [() => named('static/\uff0e\uff0e\uff0fcanary.txt'), /climbs once its characters/],
  'a NUL in a name': [() => undeclared(pax({ path: 'canary.txt\u0000.png' }), rawFile('x', EVIL)), /NUL/],
  'a line break in a name': [() => named('canary\n.txt'), /control character/],
  'a name that is not UTF-8': [
    () => undeclared(rawFile('x', EVIL, { name: Buffer.from([0x61, 0xff, 0x62]) })),
    /not valid UTF-8/,
  ],
  'a segment too long for file systems': [
    () => undeclared(pax({ path: 'x'.repeat(300) }), rawFile('x', EVIL)),
    /255 bytes/,
  ],
  'a path too long for file systems': [
    () => undeclared(pax({ path: `${'long/'.repeat(2000)}end` }), rawFile('x', EVIL)),
    /more than 100 folders deep/,
  ],
  'a prefix that climbs': [
    () => undeclared(rawFile('canary.txt', EVIL, { prefix: '../..' })),
    /segment "\.\."/,
  ],

  // Extended headers
  'an extended header with a climbing name': [
    () => archive({ 'a.txt': decl }, [pax({ path: '../canary.txt' }), rawFile('a.txt', EVIL)]),
    /\.\.\/canary\.txt is refused/,
  ],
  'an extended header with another size': [
    () => archive({ 'a.txt': decl }, [pax({ size: '9999999999' }), rawFile('a.txt', EVIL)]),
    /it sets size/,
  ],
  'an extended header that makes a link of a file': [
    () => archive({ 'a.txt': decl }, [pax({ linkpath: '/etc/passwd' }), rawFile('a.txt', EVIL)]),
    /header in the archive is not as svc pack writes it/,
  ],
  'an extended header for a sparse file': [
    () =>
      undeclared(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': '../canary' }), rawFile('a.txt', EVIL)),
    /it sets GNU\.sparse\.major/,
  ],
  'an extended header for all that follows': [
    () => undeclared(pax({ path: '../canary.txt' }, 'g'), rawFile('a.txt', EVIL)),
    /a header for the whole rest/,
  ],
  'a malformed extended header': [
    () => undeclared(rawPax('999 path=x\n'), rawFile('a.txt', EVIL)),
    /malformed/,
  ],
  'an extended header that names a path twice': [
    () => undeclared(rawPax('10 path=a\n10 path=b\n'), rawFile('a.txt', EVIL)),
    /it sets path/,
  ],
  'an extended header of a gigabyte': [
    () => undeclared(rawHeader({ name: 'PaxHeader', type: 'x', size: 1 << 30 })),
    /holds 1073741824 bytes/,
  ],
  'two extended headers': [
    () => undeclared(pax({ path: 'a' }), pax({ path: '../canary' }), rawFile('a.txt', EVIL)),
    /extended header behind another one/,
  ],
  'a long name of GNU tar': [
    () => undeclared(rawFile('././@LongLink', '../canary.txt\0', { type: 'L' }), rawFile('a.txt', EVIL)),
    /long name in the manner of GNU tar/,
  ],
  'a long link of GNU tar': [
    () => undeclared(rawFile('././@LongLink', '/etc/passwd\0', { type: 'K' }), rawLink('a', 'b')),
    /long name in the manner of GNU tar/,
  ],

  // Links
  'a link to an absolute path': [
    () => archive({ a: { link: '/etc/passwd' } }, [rawLink('a', '/etc/passwd')]),
    /absolute path \/etc\/passwd/,
  ],
  'a link that climbs out': [
    () => archive({ 'x/a': { link: '../../canary.txt' } }, [rawLink('x/a', '../../canary.txt')]),
    /x\/a is refused: it is a link that leads out/,
  ],
  'a link with backslashes': [
    () => archive({ a: { link: '..\\canary.txt' } }, [rawLink('a', '..\\canary.txt')]),
    /backslash/,
  ],
  'a link to a drive': [() => archive({ a: { link: 'C:/x' } }, [rawLink('a', 'C:/x')]), /absolute path/],
  'links that lead out only together': [
    () =>
      archive({ 'a/b': { link: '../c/d' }, 'a/out': { link: 'b/../../../canary.txt' } }, [
        rawLink('a/b', '../c/d'),
        rawLink('a/out', 'b/../../../canary.txt'),
      ]),
    /a\/out is refused: it is a link that leads out/,
  ],
  'links in a circle': [
    () => archive({ a: { link: 'b' }, b: { link: 'a' } }, [rawLink('a', 'b'), rawLink('b', 'a')]),
    /in a circle/,
  ],
  'a file below a link': [
    () =>
      archive({ a: { link: 'b' }, 'a/canary.txt': decl }, [rawLink('a', 'b'), rawFile('a/canary.txt', EVIL)]),
    /a is refused: other entries lie below it/,
  ],
  'a link nobody declared, and a file through it': [
    () => archive({ 'a/canary.txt': decl }, [rawLink('a', '..'), rawFile('a/canary.txt', EVIL)]),
    /a was added/,
  ],
  'a link where a file is declared': [
    () => archive({ a: decl }, [rawLink('a', '../canary.txt')]),
    /it is a link and must be a file/,
  ],
  'another target than declared': [
    () => archive({ a: { link: 'b' } }, [rawLink('a', '../canary.txt')]),
    /and must lead to b/,
  ],
  'a link with a content': [
    () => archive({ a: { link: 'b' } }, [rawFile('a', EVIL, { type: '2', link: 'b', mode: 0o777 })]),
    /a link with a content/,
  ],
  'a hard link to the outside': [
    () => archive({ a: decl }, [rawHeader({ name: 'a', type: '1', link: '/etc/passwd' })]),
    /a is refused: it is a hard link/,
  ],
  'a hard link through a chain of links': [
    () =>
      archive({ a: { link: 'b' }, c: decl }, [
        rawLink('a', 'b'),
        rawHeader({ name: 'c', type: '1', link: 'a/canary.txt' }),
      ]),
    /c is refused: it is a hard link/,
  ],

  // Types, modes, owners
  'a folder': [
    () => undeclared(rawHeader({ name: 'folder/', type: '5', mode: 0o755 })),
    /an entry for a folder/,
  ],
  'a character device': [
    () => undeclared(rawHeader({ name: 'null', type: '3', device: [1, 3] })),
    /it is a device/,
  ],
  'a block device': [
    () => undeclared(rawHeader({ name: 'disk', type: '4', device: [8, 0] })),
    /it is a device/,
  ],
  'a pipe': [() => undeclared(rawHeader({ name: 'pipe', type: '6' })), /it is a pipe/],
  'a sparse file': [
    () => undeclared(rawHeader({ name: 'sparse', type: 'S', size: 512 })),
    /it is a sparse file/,
  ],
  'a file in parts': [
    () => undeclared(rawHeader({ name: 'part', type: 'M' })),
    /of a type that svc pack does not write/,
  ],
  'an unknown type': [
    () => undeclared(rawHeader({ name: 'odd', type: 'Z' })),
    /of a type that svc pack does not write/,
  ],
  'a set-user-id bit': [
    () => archive({ a: declared(EVIL, true) }, [rawFile('a', EVIL, { mode: 0o4755 })]),
    /set-id or sticky bits/,
  ],
  'a set-group-id bit': [
    () => archive({ a: decl }, [rawFile('a', EVIL, { mode: 0o2644 })]),
    /set-id or sticky bits/,
  ],
  'a sticky bit': [
    () => archive({ a: decl }, [rawFile('a', EVIL, { mode: 0o1644 })]),
    /set-id or sticky bits/,
  ],
  'a mode for everyone': [
    () => archive({ a: decl }, [rawFile('a', EVIL, { mode: 0o666 })]),
    /its mode is 666 and must be 644/,
  ],
  'an owner': [
    () => archive({ a: decl }, [rawFile('a', EVIL, { uid: 1000, user: 'mallory' })]),
    /not as svc pack writes it/,
  ],
  'an old header': [
    () => archive({ a: decl }, [rawFile('a', EVIL, { magic: '' })]),
    /not as svc pack writes it/,
  ],

  // Sizes
  'a negative size': [
    () => undeclared(rawHeader({ name: 'a', size: '-0000000004\0' })),
    /a size that is not a plain number/,
  ],
  'a size in base 256': [
    () => undeclared(rawHeader({ name: 'a', size: base256(0x80) })),
    /a size that is not a plain number/,
  ],
  'a negative size in base 256': [
    () => undeclared(rawHeader({ name: 'a', size: base256(0xff) })),
    /a size that is not a plain number/,
  ],
  'a size that is no number': [
    () => undeclared(rawHeader({ name: 'a', size: 'everything\0' })),
    /a size that is not a plain number/,
  ],
  'more than declared': [
    () => archive({ a: decl }, [rawFile('a', `${EVIL}${EVIL}`)]),
    /it has 8 bytes and must have 4/,
  ],
  'another content than declared': [
    () => archive({ a: decl }, [rawFile('a', 'live')]),
    /a was changed: its content differs/,
  ],
  'eight gigabytes by its header alone': [
    () => archive({ a: decl }, [rawHeader({ name: 'a', size: 0o77777777777 })]),
    /it has 8589934591 bytes/,
  ],
  'terabytes by its manifest': [
    () => archive({ a: { sha256: '0'.repeat(64), size: 2 ** 43 } }, [rawFile('a', EVIL)]),
    /it declares 8796093022208 bytes/,
  ],

  // Names that are one on some systems
  'the same name twice': [
    () => archive({ a: decl, b: decl }, [rawFile('a', EVIL), rawFile('a', EVIL)]),
    /a is refused: it is in the archive twice/,
  ],
  'the manifest twice': [() => undeclared(manifestOf({})), /deployment\.json was added/],
  'a manifest in the manifest': [() => named('deployment.json'), /it is there twice/],
  'twins by case': [
    () => archive({ 'A.txt': decl, 'a.txt': decl }, [rawFile('A.txt', EVIL), rawFile('a.txt', EVIL)]),
    /a\.txt is refused: its name differs from A\.txt only in case/,
  ],
  'folders that are twins by case': [
    () => archive({ 'A/x': decl, 'a/y': decl }, [rawFile('A/x', EVIL), rawFile('a/y', EVIL)]),
    /only in case/,
  ],
  'a twin of the manifest': [() => named('Deployment.json'), /differs from deployment\.json only in case/],
  'twins by Unicode form': [
    () =>
      archive({ 'e\u0301.txt': decl, '\u00e9.txt': decl }, [
        rawFile('e\u0301.txt', EVIL),
        rawFile('\u00e9.txt', EVIL),
      ]),
    /only in case or in the form/,
  ],
  'twins by sharp s': [
    () => archive({ 'stra\u00dfe': decl, strasse: decl }, [rawFile('strasse', EVIL)]),
    /only in case or in the form/,
  ],

  // The archive as a whole
  'no manifest': [
    () => sealed(Buffer.concat([rawFile('a', EVIL), END_OF_TAR])),
    /does not begin with deployment\.json, but with a/,
  ],
  'nothing in it': [() => sealed(END_OF_TAR), /does not begin with deployment\.json/],
  'a manifest that is a link': [
    () => sealed(Buffer.concat([rawLink('deployment.json', '/etc/passwd'), END_OF_TAR])),
    /does not begin with deployment\.json/,
  ],
  'a manifest that is not JSON': [
    () => sealed(Buffer.concat([rawFile('deployment.json', '{'), END_OF_TAR])),
    /it is not valid JSON/,
  ],
  'a manifest that does not agree with itself': [
    () =>
      sealed(
        Buffer.concat([
          rawFile(
            'deployment.json',
            tarIn(good()).toString('latin1', 512, 2000).split('\0')[0]?.replace('"size": 4', '"size": 5') ??
              '',
          ),
          END_OF_TAR,
        ]),
      ),
    /"self" is not the digest of the rest of it/,
  ],
  'a manifest of four gigabytes': [
    () => sealed(rawHeader({ name: 'deployment.json', size: 2 ** 32 })),
    /33554432 are allowed/,
  ],
  'a member that is missing': [
    () => archive({ a: decl, b: decl }, [rawFile('a', EVIL)]),
    /b is missing from the archive/,
  ],
  'a member that nobody declared': [
    () => archive({ a: decl }, [rawFile('a', EVIL), rawFile('b', EVIL)]),
    /b was added/,
  ],
  'another order': [
    () => archive({ a: decl, b: decl }, [rawFile('b', EVIL), rawFile('a', EVIL)]),
    /a is missing from the archive/,
  ],
  'a damaged header': [
    () => {
      const header = rawFile('a', EVIL);
      header[0] = 0x62;
      return archive({ a: decl }, [header]);
    },
    /a bad header follows deployment\.json/,
  ],
  'padding with a message': [
    () =>
      archive({ a: decl }, [
        rawHeader({ name: 'a', size: 4 }),
        Buffer.concat([Buffer.from(EVIL), Buffer.alloc(508, 'x')]),
      ]),
    /damaged after a|not as svc pack writes it/,
  ],
  'no end': [
    () => archive({ a: decl }, [rawFile('a', EVIL)], Buffer.alloc(0)),
    /cut off: it ends within or after a/,
  ],
  'a body that is cut off': [
    () => archive({ a: decl }, [rawFile('a', EVIL).subarray(0, 514)], Buffer.alloc(0)),
    /cut off: it ends within or after a/,
  ],
  'something behind the end': [
    () =>
      archive({ a: decl }, [rawFile('a', EVIL)], Buffer.concat([END_OF_TAR, rawFile('../canary.txt', EVIL)])),
    /goes on after its end/,
  ],
  'one block of zeros and then more': [
    () => archive({ a: decl }, [rawFile('a', EVIL), Buffer.alloc(512), rawFile('../canary.txt', EVIL)]),
    /damaged after a/,
  ],
  'a stream that is cut off': [() => seal(gzipSync(tarIn(good())).subarray(0, -12)), /damaged or cut off/],
  'a stream that is no gzip': [
    () => seal(Buffer.concat([Buffer.from('1f8b', 'hex'), padded('nonsense')])),
    /damaged or cut off/,
  ],
  'no seal': [() => gzipSync(tarIn(good())), /does not end as svc pack ends an archive/],
  'bytes behind the seal': [
    () => Buffer.concat([good(), Buffer.from('\n')]),
    /does not end as svc pack ends an archive/,
  ],
  'a plain tar': [() => tarIn(good()), /neither gzip nor zstd/],
  'an empty file': [() => Buffer.alloc(0), /neither gzip nor zstd/],
  'a checksum that does not fit its header': [
    () => {
      const block = withChecksum(rawHeader({ name: 'a', size: 4 }));
      block.write('000000', 148, 'latin1');
      return archive({ a: decl }, [block, padded(EVIL)]);
    },
    /a bad header follows deployment\.json/,
  ],
};
