/** Compressed variants that may lie beside a file, the smallest first. */
export const VARIANTS = [
  { encoding: 'br', extension: '.br' },
  { encoding: 'zstd', extension: '.zst' },
  { encoding: 'gzip', extension: '.gz' },
] as const;

/** Whether `Accept-Encoding` takes an encoding (RFC 9110, section 12.5.3). Without the header nothing is assumed. */
export function takesEncoding(header: string | undefined, encoding: string): boolean {
  if (header === undefined) return false;
  let anything = false;
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map(word => word.trim().toLowerCase());
    const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2);
    const isTaken = weight === undefined || Number(weight) > 0;
    if (name === encoding || (encoding === 'gzip' && name === 'x-gzip')) return isTaken;
    if (name === '*') anything = isTaken;
  }
  return anything;
}
