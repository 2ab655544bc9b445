/** The first bytes of image formats, and their media types. A question mark stands for any byte. */
const SIGNATURES: readonly (readonly [start: string, type: string])[] = [
  ['\xff\xd8\xff', 'image/jpeg'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['GIF8', 'image/gif'],
  ['RIFF????WEBP', 'image/webp'],
  ['????ftypavif', 'image/avif'],
  ['????ftypavis', 'image/avif'],
  ['????ftypheic', 'image/heic'],
  ['BM', 'image/bmp'],
  ['II*\0', 'image/tiff'],
  ['MM\0*', 'image/tiff'],
  ['\0\0\x01\0', 'image/x-icon'],
];

/** What the bytes say that they are, whatever their sender says; undefined for no image. */
export function imageTypeOf(body: Buffer): string | undefined {
  const start = body.toString('latin1', 0, 16);
  const found = SIGNATURES.find(([signature]) =>
    [...signature].every((byte, at) => byte === '?' || start[at] === byte),
  );
  if (found) return found[1];
  const text = body
    .toString('utf8', 0, 1024)
    .replace(/^\ufeff/, '')
    .trimStart();
  return /^(?:<\?xml|<!--|<!doctype svg|<svg)/i.test(text) && /<svg/i.test(body.toString('utf8', 0, 4096))
    ? 'image/svg+xml'
    : undefined;
}

/** Formats that move are served as they are, since a still picture of them would be another picture. */
export function isAnimated(body: Buffer, type: string): boolean {
  const text = () => body.toString('latin1', 0, Math.min(body.length, 65_536));
  switch (type) {
    case 'image/gif':
      return body.toString('latin1').split('\0\x21\xf9\x04').length > 2;
    case 'image/png':
      return text().includes('acTL');
    case 'image/webp':
      return text().includes('ANIM');
    default:
      return false;
  }
}
