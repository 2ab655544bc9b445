import { goBuilder } from '@svc/builder-go';
import type { Builder } from '@svc/builder-kit';
import { nodeBuilder } from '@svc/builder-node';
import { pythonBuilder } from '@svc/builder-python';
import { rustBuilder } from '@svc/builder-rust';
import { staticBuilder } from '@svc/builder-static';
import { TOOLS } from './places.ts';

/** The builders that come with svc. */
export function ownBuilders(): readonly Builder[] {
  return [
    staticBuilder,
    nodeBuilder({ bundle: TOOLS.bundle }),
    pythonBuilder(TOOLS.python),
    goBuilder(TOOLS.go),
    rustBuilder(TOOLS.rust),
  ];
}

/** Tool name -> module, of all builders. */
export function toolModules(builders: readonly Builder[]): Record<string, string> {
  return Object.fromEntries(builders.flatMap(builder => Object.entries(builder.tools)));
}
