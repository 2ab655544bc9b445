import { type TomlTable, tableAt, textsIn } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import { parseManifest } from '../parse.ts';
import type { ServiceFiles } from './service-files.ts';

/** What svc reads of a `pyproject.toml`. */
export interface Pyproject {
  readonly text: string;
  readonly hasProject: boolean;
  /** `project.dependencies`; null when the file doesn't list any. */
  readonly dependencies: readonly string[] | null;
  /** Whether only building the project tells what it depends on. */
  readonly hasDynamicDependencies: boolean;
  readonly requiresPython: string | undefined;
  /** `module:attribute`, from `tool.vercel.entrypoint`, `tool.fastapi.entrypoint` or `project.scripts.app`. */
  readonly entrypoint: string | undefined;
  /** The script that stands for the build command. */
  readonly buildScript: string | undefined;
  /** Dependencies are listed only in Poetry's own way. */
  readonly isPoetryOnly: boolean;
}

/** The service's `pyproject.toml`; `undefined` when there is none. */
export async function readPyproject(files: ServiceFiles): Promise<Result<Pyproject | undefined>> {
  const text = await files.read('pyproject.toml');
  if (text === undefined) return ok(undefined);
  const parsed = parseManifest(text, files.shown('pyproject.toml'));
  return parsed.ok ? ok(describe(text, parsed.value)) : parsed;
}

function describe(text: string, table: TomlTable): Pyproject {
  const project = tableAt(table, 'project');
  const hasProject = 'project' in table;
  const poetry = tableAt(table, 'tool', 'poetry');
  const scripts = tableAt(table, 'tool', 'vercel', 'scripts');
  const entrypoints = [
    tableAt(table, 'tool', 'vercel').entrypoint,
    tableAt(table, 'tool', 'fastapi').entrypoint,
    tableAt(project, 'scripts').app,
  ];
  return {
    text,
    hasProject,
    dependencies: Array.isArray(project.dependencies) ? textsIn(project.dependencies) : null,
    hasDynamicDependencies: textsIn(project.dynamic).includes('dependencies'),
    requiresPython: asText(project['requires-python']),
    entrypoint: entrypoints.map(asText).find(each => each !== undefined),
    buildScript: ['vercel-build', 'now-build', 'build']
      .map(name => asText(scripts[name]))
      .find(each => each !== undefined),
    isPoetryOnly: !hasProject && 'dependencies' in poetry,
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
