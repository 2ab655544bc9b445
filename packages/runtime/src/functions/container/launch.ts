import type { LaunchPlan } from '../processes.ts';
import type { ContainerContext, ContainerRuntime } from './plan.ts';

/** How to start a container; `port` is the one that it has to listen on. What talks to docker is loaded now. @throws StartError */
export async function launchContainer(
  runtime: Omit<ContainerRuntime, 'type'>,
  context: ContainerContext,
): Promise<LaunchPlan & { readonly port: number }> {
  const { containerPlan } = await import('./plan.ts');
  return containerPlan({ type: 'container', ...runtime }, context);
}
