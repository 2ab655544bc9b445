import { type HandleRoute, isHandle, type Route } from '@svc/contracts';

type Phase = HandleRoute['handle'] | null;

/**
 * What makes every request that no file answers reach the function, as the vendor writes it for backends. The identity
 * transform means: the code sees the path after the service's own rewrites (section 6.3 of the services reference).
 */
export const FUNCTION_ROUTES: readonly Route[] = [
  { handle: 'filesystem' },
  {
    src: '/(.*)',
    dest: '/index',
    transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
  },
];

/** In each phase the user's routes come before the builder's (section 6.2 of the services reference). */
export function mergeRoutes(user: readonly Route[], builder: readonly Route[]): Route[] {
  const users = byPhase(user);
  const builders = byPhase(builder);
  const phases = new Set<Phase>([null, ...users.keys(), ...builders.keys()]);
  return [...phases].flatMap(phase => [
    ...(phase === null ? [] : [{ handle: phase }]),
    ...(users.get(phase) ?? []),
    ...(builders.get(phase) ?? []),
  ]);
}

function byPhase(routes: readonly Route[]): Map<Phase, Route[]> {
  const phases = new Map<Phase, Route[]>();
  let current: Phase = null;
  for (const route of routes) {
    if (isHandle(route)) current = route.handle;
    const members = phases.get(current) ?? [];
    phases.set(current, members);
    if (!isHandle(route)) members.push(route);
  }
  return phases;
}
