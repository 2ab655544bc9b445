import type { Project, RouteLine } from '@svc/contracts';
import { isHandle } from '@svc/contracts';

/** The public table for people: which source leads to which service, as far as rules choose one. */
export function routeLines(project: Project): RouteLine[] {
  return project.public.routes.flatMap(route => {
    if (isHandle(route) || !route.destination) return [];
    const { service, path } = route.destination;
    return [{ source: readableSource(route), target: path ? `${service} (${path})` : service }];
  });
}

/** A compiled source as people write it: the anchors say nothing to them. */
function readableSource(
  route: { readonly src: string; readonly methods?: readonly string[] } & Readonly<Record<string, unknown>>,
): string {
  const condition = (route.has ?? route.missing) ? ' (conditional)' : '';
  const methods = route.methods ? `${route.methods.join(',')} ` : '';
  return `${methods}${route.src.replace(/^\^/, '').replace(/\$$/, '')}${condition}`;
}
