import type { Route } from '@svc/contracts';

/**
 * What makes every request that no file answers reach the container, as the vendor writes it for backends. The identity
 * transform means: the code sees the path after the service's own rewrites (section 6.3 of the services reference).
 */
export const FUNCTION_ROUTES: readonly Route[] = [
  { handle: 'filesystem' },
  {
    src: '/(.*)',
    dest: '/container',
    transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
  },
];
