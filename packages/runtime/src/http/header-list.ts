/** Headers in the order in which they are sent; a name may come several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** As Node's `writeHead` takes them, names and values in turn. */
export function asNodeHeaders(headers: HeaderList): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

/** With the id of the request, which only svc may set. */
export function withId(headers: HeaderList, id: string): HeaderList {
  return [...headers.filter(([name]) => name.toLowerCase() !== 'x-vercel-id'), ['x-vercel-id', id]];
}
