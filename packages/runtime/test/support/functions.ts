import type { Files } from './deployment.ts';

/** What makes every request that no file answers reach a function, as builders write it. */
export const TO_INDEX = [
  { handle: 'filesystem' },
  { src: '/(.*)', dest: '/index', transforms: [{ type: 'request.path', op: 'set', args: '/$1' }] },
];

/** A deployment without services that is one Node function. */
export function nodeFunction(code: string, config: object = {}, handler = 'index.mjs'): Files {
  return {
    'config.json': { version: 3, routes: TO_INDEX },
    ...functionFiles('', code, config, handler),
  };
}

/** The files of a Node function `index` in the tree at `prefix`. */
export function functionFiles(
  prefix: string,
  code: string,
  config: object = {},
  handler = 'index.mjs',
): Files {
  return {
    [`${prefix}functions/index.func/.vc-config.json`]: {
      runtime: 'nodejs22.x',
      handler,
      launcherType: 'Nodejs',
      shouldAddHelpers: false,
      ...config,
    },
    [`${prefix}functions/index.func/${handler}`]: code,
  };
}

/** A deployment with services, each a Node function. `routes` is the public table. */
export function services(
  routes: readonly object[],
  byName: Readonly<Record<string, { readonly code: string; readonly bindings?: readonly object[] }>>,
): Files {
  return {
    'config.json': {
      version: 3,
      routes,
      services: Object.entries(byName).map(([name, { bindings }]) => ({ name, root: name, bindings })),
    },
    ...Object.fromEntries(
      Object.entries(byName).flatMap(([name, { code }]) =>
        Object.entries({
          [`services/${name}/config.json`]: { version: 3, routes: TO_INDEX },
          ...functionFiles(`services/${name}/`, code),
        }),
      ),
    ),
  };
}

export function toService(src: string, service: string): object {
  return { src, destination: { type: 'service', service } };
}

export function binding(service: string, env: string): object {
  return { type: 'service', service, format: 'url', env };
}
