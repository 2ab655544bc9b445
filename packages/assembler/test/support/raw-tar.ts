import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FileEntry } from '@svc/contracts';
import { sealManifest } from '../../src/manifest.ts';
import { sealLength, sealOf } from '../../src/seal.ts';

/** The fields of a header as they are to stand there; nothing is checked, so that anything can be written. */
export interface RawHeader {
  readonly name: string | Buffer;
  readonly mode?: number | string;
  readonly uid?: number;
  readonly size?: number | Buffer | string;
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly user?: string;
  readonly device?: readonly [number, number];
}

export function rawHeader(fields: RawHeader): Buffer {
  const block = Buffer.alloc(512);
  const put = (value: string | Buffer, offset: number) => {
    (Buffer.isBuffer(value) ? value : Buffer.from(value)).copy(block, offset);
  };
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 2, '0')} \0`;
  put(fields.name, 0);
  put(typeof fields.mode === 'string' ? fields.mode : octal(fields.mode ?? 0o644, 8), 100);
  put(octal(fields.uid ?? 0, 8), 108);
  put(octal(0, 8), 116);
  const size = fields.size ?? 0;
  put(typeof size === 'number' ? octal(size, 12) : size, 124);
  put(octal(0, 12), 136);
  put(fields.type ?? '0', 156);
  put(fields.link ?? '', 157);
  put(fields.magic ?? 'ustar\u000000', 257);
  put(fields.user ?? '', 265);
  const [major, minor] = fields.device ?? [0, 0];
  put(octal(major, 8), 329);
  put(octal(minor, 8), 337);
  put(fields.prefix ?? '', 345);
  return withChecksum(block);
}

/** Makes a changed header valid again. */
export function withChecksum(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')} \0`, 148, 'latin1');
  return block;
}

export function padded(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

export function rawFile(name: string, content: Buffer | string, more: Partial<RawHeader> = {}): Buffer {
  return Buffer.concat([rawHeader({ name, size: Buffer.byteLength(content), ...more }), padded(content)]);
}

export function rawLink(name: string, target: string): Buffer {
  return rawHeader({ name, type: '2', link: target, mode: 0o777 });
}

/** An extended header with these records. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): Buffer {
  const body = Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + String(rest).length;
      length = rest + String(length).length;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
  return rawPax(body, type);
}

export function rawPax(body: string, type = 'x'): Buffer {
  return Buffer.concat([rawHeader({ name: 'PaxHeader', size: Buffer.byteLength(body), type }), padded(body)]);
}

export const END_OF_TAR = Buffer.alloc(1024);

/** Compresses and seals a tar: an attacker knows how to do that too. */
export function sealed(tar: Buffer): Buffer {
  return seal(gzipSync(tar));
}

export function seal(compressed: Buffer): Buffer {
  return Buffer.concat([compressed, sealOf('tgz', createHash('sha256').update(compressed).digest())]);
}

export function tarIn(archive: Buffer): Buffer {
  return gunzipSync(archive.subarray(0, archive.length - sealLength('tgz')));
}

/** A manifest that agrees with itself and declares these entries. */
export function manifestOf(files: Readonly<Record<string, FileEntry>>): Buffer {
  const { text } = sealManifest({ files, services: [], tools: {}, timings: {} });
  return rawFile('deployment.json', text);
}

export function declared(content: Buffer | string, executable = false): FileEntry {
  return {
    sha256: createHash('sha256').update(content).digest('hex'),
    size: Buffer.byteLength(content),
    ...(executable ? { executable: true as const } : {}),
  };
}

/** An archive that declares what it holds, as far as `svc pack` could. */
export function archive(
  files: Readonly<Record<string, FileEntry>>,
  members: readonly Buffer[],
  end: Buffer = END_OF_TAR,
): Buffer {
  return sealed(Buffer.concat([manifestOf(files), ...members, end]));
}
