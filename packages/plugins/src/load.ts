import { realpathSync, statSync } from 'node:fs';
import { basename, join, posix, relative, sep } from 'node:path';
import type { Builder } from '@svc/builder-kit';
import type { Emit, Project, Result } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { type AskContext, ask } from './ask.ts';
import { type Described, pluginBuilder } from './builder.ts';
import type { ServiceRoot } from './check-plan.ts';
import { versionOf, witnessesOf } from './digest.ts';
import { explain, fault } from './explain.ts';
import { candidatesFor, type LocatedPlugin, locatePlugin } from './locate.ts';
import type { Description } from './protocol.ts';
import { check, description } from './schema.ts';
import { type ShownFolder, shownFolders } from './shown-folders.ts';

/**
 * Who takes the builders that are not ours: packages that follow Vercel's Builder contract (`located` and its `version`), and
 * packages that are not installed (`located` is null). `undefined` when it takes this one neither.
 */
export type ForeignBuilder = (foreign: {
  readonly reference: string;
  readonly located: LocatedPlugin | null;
  readonly version: number | null;
}) => Promise<Result<Builder>> | undefined;

export interface LoadContext {
  readonly project: Project;
  /** Absolute path of the bundled `host/main.ts`. */
  readonly host: string;
  /** Absolute path of the bundled `host/use-own-kit.ts`. */
  readonly preload: string;
  /** Names that no other builder may take. */
  readonly ownNames: readonly string[];
  /** Whether one of svc's own builders takes a reference. */
  takes(reference: string): boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly foreign: ForeignBuilder;
}

export interface LoadedPlugins {
  /** By the reference in `svc.json`. */
  readonly builders: ReadonlyMap<string, Result<Builder>>;
  /** Folders that the steps of these builders load programs from. */
  readonly folders: readonly ShownFolder[];
  /** Tool name -> module to load before it. */
  readonly preloads: Readonly<Record<string, string>>;
  /** Absolute paths, there or not, that decide which builders these are, and in which version. */
  readonly witnesses: readonly string[];
}

/** Seconds that one call of a builder's code may take when `svc.json` does not say. */
const USUAL_LIMIT = 60;

/**
 * Loads the builders that `svc.json` names beyond svc's own. Each is asked in a process of its own what it is; its code never
 * runs in this one. Failures stay with the reference they belong to: `builder-not-found`, `builder-failed`.
 */
export async function loadPlugins(context: LoadContext): Promise<LoadedPlugins> {
  const { project } = context;
  const references = project.services.flatMap(({ local }) => [
    ...(local.builder === undefined ? [] : [local.builder]),
    ...(local.builders ?? []),
  ]);
  const wanted = [...new Set(references)].filter(reference => !context.takes(reference));
  const loaded = await Promise.all(wanted.map(reference => load(reference, context)));
  const builders = new Map(wanted.map((reference, index) => [reference, loaded[index]?.builder ?? failed()]));
  const plugins = loaded.flatMap(({ plugin, builder }) =>
    plugin && builder.ok ? [{ plugin, builder: builder.value }] : [],
  );
  return {
    builders,
    folders: shownFolders(
      plugins.map(({ plugin }) => plugin.folder),
      realpathSync(project.boundary),
    ),
    preloads: Object.fromEntries(
      plugins.flatMap(({ builder }) => Object.keys(builder.tools).map(tool => [tool, context.preload])),
    ),
    witnesses: [
      ...wanted.flatMap(reference => candidatesFor(reference, project.directory)),
      ...plugins.flatMap(({ plugin }) => witnessesOf(plugin)),
    ],
  };
}

interface Loaded {
  readonly builder: Result<Builder>;
  /** Absent where somebody else takes care of it. */
  readonly plugin?: LocatedPlugin;
}

async function load(reference: string, context: LoadContext): Promise<Loaded> {
  const located = locatePlugin(reference, context.project.directory);
  if (located && !located.ok) return { builder: located };
  if (!located) {
    const foreign = context.foreign({ reference, located: null, version: null });
    return { builder: (await foreign) ?? failed(notInstalled(reference, context.ownNames)) };
  }
  const plugin = located.value;
  const limit = limitOf(context.project, service => service.local.builder === reference);
  const occasion = { plugin, name: null, doing: 'being loaded', code: 'builder-failed', limit } as const;
  const call = { method: 'describe' } as const;
  const answer = await ask({ plugin, call, service: null, writable: null }, { ...context, limit });
  if (answer.kind !== 'answered') return { builder: failed(...explain(occasion, answer)) };
  const what = answer.value as Description;
  switch (what.kind) {
    case 'vercel': {
      const foreign = context.foreign({ reference, located: plugin, version: what.version });
      return {
        builder:
          (await foreign) ??
          failed(fault(occasion, "follows Vercel's Builder contract, and nobody here takes it")),
      };
    }
    case 'other': {
      const found = what.exports.length > 0 ? `it exports ${what.exports.join(', ')}` : 'it exports nothing';
      const help =
        'A module of a builder has a default export: export default defineBuilder({ name, version, plan, finish }).';
      return { builder: failed(fault(occasion, `is no builder: ${found}`, { help })) };
    }
    case 'svc':
      return accept(plugin, what.builder, context);
  }
}

function accept(plugin: LocatedPlugin, told: unknown, context: LoadContext): Loaded {
  const occasion = { plugin, name: null, code: 'builder-failed' } as const;
  const checked = check(told, description);
  if ('problem' in checked) {
    return { builder: failed(fault(occasion, `does not say properly what it is: ${checked.problem}`)) };
  }
  const { name, runtimes = [], detects = [], tools = {}, develops = false } = checked.value;
  if (context.ownNames.includes(name)) {
    const help = 'Give it another name.';
    return {
      builder: failed(
        fault(occasion, `calls itself "${name}", which is one of svc's own builders`, { help }),
      ),
    };
  }
  const strange = Object.entries(tools).find(([, file]) => !isFileIn(plugin.folder, file));
  if (strange) {
    const [tool, file] = strange;
    const help = `Tools are files of the builder itself, in ${plugin.folder}.`;
    return {
      builder: failed(fault(occasion, `has the tool "${tool}" at ${file}, where it has no file`, { help })),
    };
  }
  const described: Described = {
    name,
    runtimes,
    detects,
    tools,
    develops,
    version: versionOf(plugin, checked.value.version),
  };
  return { plugin, builder: ok(pluginBuilder(plugin, described, rootsOf(context.project), asking(context))) };
}

function asking(context: LoadContext): (service: string) => AskContext {
  return name => ({ ...context, limit: limitOf(context.project, service => service.name === name) });
}

function limitOf(project: Project, concerned: (service: Project['services'][number]) => boolean): number {
  const limits = project.services.filter(concerned).flatMap(({ local }) => local.builderTimeout ?? []);
  return limits.length > 0 ? Math.max(...limits) : USUAL_LIMIT;
}

function isFileIn(folder: string, file: string): boolean {
  const inside = relative(folder, file);
  const found = statSync(file, { throwIfNoEntry: false });
  return !inside.startsWith('..') && inside !== '' && found?.isFile() === true;
}

function rootsOf(project: Project): ServiceRoot[] {
  const prefix = relative(project.boundary, project.directory).split(sep).join('/') || '.';
  return project.services.map(({ name, root }) => ({ name, directory: posix.join(prefix, root) }));
}

function notInstalled(reference: string, ownNames: readonly string[]) {
  const near = basename(reference) === reference ? ` svc's own builders are ${ownNames.join(', ')}.` : '';
  return {
    code: 'builder-not-found',
    message: `the builder "${reference}" in svc.json is not installed`,
    help: `Install the package (npm install --save-dev ${reference}), or name a folder: "./${join('tools', basename(reference))}".${near}`,
  } as const;
}
