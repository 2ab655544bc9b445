import type { Route } from '@svc/contracts';

/**
 * What makes every request that no file answers reach the function, as the vendor writes it for backends. The identity
 * transform means: the code sees the path after the service's own rewrites (section 6.3 of the services reference).
 */
export function functionRoutes(name: string): Route[] {
  return [
    { handle: 'filesystem' },
    {
      src: '/(.*)',
      dest: `/${name}`,
      transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
    },
  ];
}
