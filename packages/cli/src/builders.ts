import { goBuilder } from '@svc/builder-go';
import type { Builder } from '@svc/builder-kit';
import { nodeBuilder } from '@svc/builder-node';
import { pythonBuilder } from '@svc/builder-python';
import { rustBuilder } from '@svc/builder-rust';
import { staticBuilder } from '@svc/builder-static';
import { failed, type Project, type Result } from '@svc/contracts';
import type { ForeignBuilder, LoadedPlugins } from '@svc/plugins';
import { PLUGIN_PROGRAMS, TOOLS } from './places.ts';
import type { Session } from './session.ts';

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

const NO_PLUGINS: LoadedPlugins = { builders: new Map(), folders: [], preloads: {} };

/** The builders that `svc.json` names beyond svc's own. What loads them is loaded when there are any. */
export async function namedBuilders(
  project: Project,
  own: readonly Builder[],
  session: Session,
): Promise<LoadedPlugins> {
  const ownNames = own.map(({ name }) => name);
  const isForeign = (reference: string | undefined) =>
    reference !== undefined && !ownNames.includes(reference);
  const isAny = project.services.some(({ local }) =>
    [local.builder, ...(local.builders ?? [])].some(isForeign),
  );
  if (!isAny) return NO_PLUGINS;
  const { loadPlugins } = await import('@svc/plugins');
  const { emit, signal } = session;
  return loadPlugins({ project, ownNames, ...PLUGIN_PROGRAMS, env: process.env, emit, signal, foreign });
}

/** Here an adapter for Vercel's Builder contract takes what follows it, and what is not installed yet. */
const foreign: ForeignBuilder = ({ reference, version }) => {
  if (version === null) return undefined;
  return Promise.resolve<Result<Builder>>(
    failed({
      code: 'builder-failed',
      message: `the builder "${reference}" follows Vercel's Builder contract (version ${version}), which this svc cannot run`,
      help: 'Write a small builder around it: svc builder new NAME, and docs/writing-a-builder.md.',
    }),
  );
};

/** Tool name -> module, of all builders. */
export function toolModules(builders: readonly Builder[]): Record<string, string> {
  return Object.fromEntries(builders.flatMap(builder => Object.entries(builder.tools)));
}
