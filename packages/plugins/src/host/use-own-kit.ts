import { register } from 'node:module';

/** What `svc/…` means to builders and their tools: the kit of the very svc that runs them, wherever they lie. */
const KIT = {
  'svc/builder-kit': '../builder-kit.mjs',
  'svc/builder-kit/trace': '../builder-kit-trace.mjs',
};

const addresses = Object.fromEntries(
  Object.entries(KIT).map(([name, path]) => [name, new URL(path, import.meta.url).href]),
);
const hooks = `
const addresses = ${JSON.stringify(addresses)};
export function resolve(specifier, context, next) {
  const url = addresses[specifier];
  return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
