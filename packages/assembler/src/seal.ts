import type { ArchiveFormat } from './compression.ts';

/**
 * The last bytes of an archive: the sha256 of all bytes before them, in a form that decompressors skip. A compressed
 * stream has bits that mean nothing and several spellings of the same content, so a digest of the content alone
 * would let changes of the archive pass.
 *
 * gzip: an empty member (RFC 1952) whose header has an extra field with the subfield `SV`, as BGZF marks its end.
 * zstd: a skippable frame (RFC 8878, section 3.1.2).
 */
interface Seal {
  readonly magic: Buffer;
  readonly before: Buffer;
  readonly after: Buffer;
}

const DIGEST_BYTES = 32;

const SEALS: Record<ArchiveFormat, Seal> = {
  tgz: {
    magic: Buffer.from('1f8b', 'hex'),
    // id, deflate, FEXTRA, no time, no flags, unknown system; 36 bytes of extra field: "SV", 32 bytes
    before: Buffer.from('1f8b0804' + '00000000' + '00ff' + '2400' + '5356' + '2000', 'hex'),
    // an empty final block, the CRC and the length of nothing
    after: Buffer.from('0300' + '00000000' + '00000000', 'hex'),
  },
  'tar.zst': {
    magic: Buffer.from('28b52ffd', 'hex'),
    before: Buffer.concat([
      Buffer.from('5e2a4d18', 'hex'),
      Buffer.from('24000000', 'hex'),
      Buffer.from('SVC1'),
    ]),
    after: Buffer.alloc(0),
  },
};

export function sealOf(format: ArchiveFormat, digest: Buffer): Buffer {
  const { before, after } = SEALS[format];
  return Buffer.concat([before, digest, after]);
}

export function sealLength(format: ArchiveFormat): number {
  const { before, after } = SEALS[format];
  return before.length + DIGEST_BYTES + after.length;
}

/** The digest in a seal; undefined when these bytes are not one. */
export function digestIn(format: ArchiveFormat, seal: Buffer): Buffer | undefined {
  const { before } = SEALS[format];
  const digest = seal.subarray(before.length, before.length + DIGEST_BYTES);
  return seal.equals(sealOf(format, digest)) ? digest : undefined;
}

/** By the first bytes, not by the name. */
export function formatOf(start: Buffer): ArchiveFormat | undefined {
  const formats: readonly ArchiveFormat[] = ['tgz', 'tar.zst'];
  return formats.find(format => start.subarray(0, SEALS[format].magic.length).equals(SEALS[format].magic));
}
