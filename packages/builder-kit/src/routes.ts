import { type HandleRoute, isHandle, type Route } from '@svc/contracts';

type Phase = HandleRoute['handle'] | null;

/**
 * Puts a service's own routes before those that its builder adds, phase by phase (section 6.2 of the services reference).
 * Phases keep the order in which they first appear.
 */
export function mergeRoutes(user: readonly Route[], builder: readonly Route[]): Route[] {
  const phases = new Map<Phase, Route[]>([[null, []]]);
  for (const table of [user, builder]) {
    let phase: Phase = null;
    for (const route of table) {
      if (isHandle(route)) phase = route.handle;
      const rules = phases.get(phase) ?? [];
      phases.set(phase, rules);
      if (!isHandle(route)) rules.push(route);
    }
  }
  return [...phases].flatMap(([handle, rules]) => (handle === null ? rules : [{ handle }, ...rules]));
}

/**
 * What makes every request that no file answers reach one function, as the vendor writes it for backends. The identity
 * transform means: the code sees the path after the service's own rewrites (section 6.3 of the services reference).
 *
 * @param name the function's: `index` for `functions/index.func`.
 */
export function functionRoutes(name: string): readonly Route[] {
  return [
    { handle: 'filesystem' },
    {
      src: '/(.*)',
      dest: `/${name}`,
      transforms: [{ type: 'request.path', op: 'set', args: '/$1' }],
    },
  ];
}
