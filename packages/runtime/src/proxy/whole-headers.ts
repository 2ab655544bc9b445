import type { HeaderList } from '../http/header-list.ts';

/** A head that announces trailers is for a body in chunks, even if none come. */
export function announcesTrailers(headers: HeaderList): boolean {
  return headers.some(([name]) => name.length === 7 && name.toLowerCase() === 'trailer');
}

/** The headers of an answer that is there as a whole, with the length of its body where it may have one. Bytes. */
export function withLength(headers: HeaderList, method: string, status: number, length: number): HeaderList {
  const mayHaveBody = method !== 'HEAD' && status !== 204 && status !== 304;
  if (!mayHaveBody || headers.some(([name]) => isContentLength(name))) return headers;
  return [...headers, ['content-length', String(length)]];
}

function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === 'content-length';
}
