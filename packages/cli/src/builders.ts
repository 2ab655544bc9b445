import { containerBuilder, type EngineChoice } from '@svc/builder-container';
import { goBuilder } from '@svc/builder-go';
import type { Builder } from '@svc/builder-kit';
import { nextBuilder } from '@svc/builder-next';
import { nodeBuilder } from '@svc/builder-node';
import { pythonBuilder } from '@svc/builder-python';
import { rustBuilder } from '@svc/builder-rust';
import { staticBuilder } from '@svc/builder-static';
import { vercelBuilder } from '@svc/builder-vercel';
import { failed, type Project, type Result } from '@svc/contracts';
import type { ForeignBuilder, LoadedPlugins } from '@svc/plugins';
import { PLUGIN_PROGRAMS, TOOLS } from './places.ts';
import type { Session } from './session.ts';

/** The builders that come with svc. */
export function ownBuilders(containers: EngineChoice): readonly Builder[] {
  return [
    staticBuilder,
    nodeBuilder({ bundle: TOOLS.bundle }),
    pythonBuilder(TOOLS.python),
    goBuilder(TOOLS.go),
    rustBuilder(TOOLS.rust),
    nextBuilder(TOOLS.next),
    vercelBuilder(TOOLS.vercel),
    containerBuilder(TOOLS.container, containers),
  ];
}

export const NO_PLUGINS: LoadedPlugins = { builders: new Map(), folders: [], preloads: {}, witnesses: [] };

/** The builders that `svc.json` names beyond svc's own. What loads them is loaded when there are any. */
export async function namedBuilders(
  project: Project,
  own: readonly Builder[],
  session: Session,
): Promise<LoadedPlugins> {
  const ownNames = own.map(({ name }) => name);
  const takes = (reference: string) =>
    ownNames.includes(reference) || own.some(builder => builder.takes?.(reference));
  const isForeign = (reference: string | undefined) => reference !== undefined && !takes(reference);
  const isAny = project.services.some(({ local }) =>
    [local.builder, ...(local.builders ?? [])].some(isForeign),
  );
  if (!isAny) return NO_PLUGINS;
  const { loadPlugins } = await import('@svc/plugins');
  const { emit, signal } = session;
  return loadPlugins({
    project,
    ownNames,
    takes,
    ...PLUGIN_PROGRAMS,
    env: process.env,
    emit,
    signal,
    foreign,
  });
}

/** The adapter for Vercel's Builder contract goes by names, so that planning needs no package to be installed. */
const foreign: ForeignBuilder = ({ reference, version }) => {
  if (version === null) return undefined;
  const isPath = /^[./]/.test(reference);
  return Promise.resolve<Result<Builder>>(
    failed({
      code: 'builder-failed',
      message: `the builder "${reference}" follows Vercel's Builder contract (version ${version}), not svc's`,
      help: isPath
        ? 'svc runs such builders as packages: publish it and write "vercel:NAME", or write a builder of svc: svc builder new NAME.'
        : `Write "builder": "vercel:${reference}" in svc.json: svc then installs and runs it as the platform does.`,
    }),
  );
};

/** Tool name -> module, of all builders. */
export function toolModules(builders: readonly Builder[]): Record<string, string> {
  return Object.fromEntries(builders.flatMap(builder => Object.entries(builder.tools)));
}
