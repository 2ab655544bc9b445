import { defineBuilder, ok, writeStatic } from '@svc/builder-kit';

/** A text that belongs to the neighbour and to the caller, and to nobody else. */
export const CANARY = 'canary-8c1f6f2a-not-yours';
export const NEIGHBOUR = 'neighbour';

/** Builds the service beside the one under test: it publishes one file, and nobody may see it but itself. */
export const neighbourBuilder = defineBuilder({
  name: NEIGHBOUR,
  version: '1',
  plan: () => ok({ steps: [] }),
  async finish(request) {
    await writeStatic(request, '.');
    return ok({ version: 3 });
  },
});
