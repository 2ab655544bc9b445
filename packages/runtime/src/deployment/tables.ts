import type { Result } from '@svc/contracts';
import { createRouter, outputsOf, type Router, type RoutingTable } from '@svc/router';
import type { DeploymentOnDisk, Tree } from './read.ts';

/** The router of a deployment. Fails with `deployment-invalid` for routes that cannot be matched. */
export function routerOf(
  deployment: DeploymentOnDisk,
  env: Readonly<Record<string, string | undefined>>,
): Result<Router> {
  return createRouter({
    public: tableOf(deployment.public),
    services: Object.fromEntries(deployment.services.map(tree => [tree.service ?? '', tableOf(tree)])),
    env,
  });
}

function tableOf({ routes, outputs, overrides, wildcard, framework }: Tree): RoutingTable {
  return {
    routes,
    wildcard,
    outputs: outputsOf({
      files: [...outputs.files.keys()],
      functions: [...outputs.functions.keys()],
      prerenders: [...outputs.prerenders.keys()],
      overrides,
    }),
    // Next.js routes by itself, told by x-matched-path where the lookup ended.
    ...(framework === 'nextjs' && { observes: 'original' as const }),
  };
}
