import type { Notice } from '@svc/contracts';
import { isObject } from '../checks/words.ts';
import type { Document } from '../document.ts';
import type { WarningContext } from './index.ts';

/** Services that nothing leads to, and bindings whose variable somebody else sets too. */
export function warnAboutReach(context: WarningContext & { readonly document: Document }): Notice[] {
  return context.project.kind === 'app' ? [] : [...unreachable(context), ...bindingsAlreadySet(context)];
}

function unreachable({ project, document }: WarningContext & { readonly document: Document }): Notice[] {
  const reached = new Set<string>();
  for (const route of project.public.routes) {
    if ('src' in route && isObject(route.destination)) reached.add(route.destination.service);
  }
  for (const caller of project.services) {
    for (const { service } of caller.bindings) if (service !== caller.name) reached.add(service);
  }
  return project.services
    .filter(service => !reached.has(service.name))
    .map(({ name }) => ({
      code: 'unreachable-service',
      service: name,
      message: `Nothing can reach service "${name}": no rewrite leads to it and no service is bound to it`,
      help: `Add a rewrite, before any catch-all:\n"rewrites": [{ "source": "/${name}/:path*", "destination": { "service": "${name}" } }]`,
      position: document.place(['services', name], 'key'),
    }));
}

function bindingsAlreadySet({
  project,
  document,
  env,
}: WarningContext & { readonly document: Document }): Notice[] {
  return project.services.flatMap(service =>
    service.bindings.flatMap((binding, index) => {
      if (env[binding.env] === undefined) return [];
      return [
        {
          code: 'binding-env-set',
          service: service.name,
          message: `Your environment sets ${binding.env} already; at run time the binding's address replaces it in service "${service.name}"`,
          help: `Unset ${binding.env}, or give the binding another name.`,
          position: document.place(['services', service.name, 'bindings', index, 'env']),
        },
      ];
    }),
  );
}
