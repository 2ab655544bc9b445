import type { Step } from '@svc/contracts';

type Unlinked = Omit<Step, 'needs'>;

/** One service's steps in the order in which they run. */
export interface Chain {
  readonly ignore: Unlinked | undefined;
  readonly install: Unlinked | undefined;
  readonly build: readonly Unlinked[];
}

export function idsOf({ ignore, install, build }: Chain): string[] {
  return [ignore, install, ...build].flatMap(step => (step ? [step.id] : []));
}

/**
 * Puts the chains of all services into one list, each step after those it needs. A shared install waits for nobody: one
 * service that turns out to be unchanged must not keep it from the others.
 */
export function linkSteps(chains: readonly Chain[]): Step[] {
  const linked = new Map<string, Step>();
  const add = (step: Unlinked, needs: readonly (Unlinked | undefined)[]) => {
    if (linked.has(step.id)) return;
    linked.set(step.id, { ...step, needs: needs.flatMap(each => (each ? [each.id] : [])) });
  };
  for (const { ignore, install, build } of chains) {
    if (ignore) add(ignore, []);
    if (install) add(install, [install.service === null ? undefined : ignore]);
    const [first, ...others] = build;
    if (!first) continue;
    add(first, [ignore, install]);
    let previous = first;
    for (const step of others) {
      add(step, [previous]);
      previous = step;
    }
  }
  return [...linked.values()];
}
