import { containerBuilder, type EngineChoice } from '@svc/builder-container';
import { goBuilder } from '@svc/builder-go';
import type { Builder } from '@svc/builder-kit';
import { nodeBuilder } from '@svc/builder-node';
import { pythonBuilder } from '@svc/builder-python';
import { staticBuilder } from '@svc/builder-static';
import { TOOLS } from './places.ts';

/** The builders that come with svc. */
export function ownBuilders(containers: EngineChoice): readonly Builder[] {
  return [
    staticBuilder,
    nodeBuilder({ bundle: TOOLS.bundle }),
    pythonBuilder(TOOLS.python),
    goBuilder(TOOLS.go),
    containerBuilder(TOOLS.container, containers),
  ];
}

/** Tool name -> module, of all builders. */
export function toolModules(builders: readonly Builder[]): Record<string, string> {
  return Object.fromEntries(builders.flatMap(builder => Object.entries(builder.tools)));
}
