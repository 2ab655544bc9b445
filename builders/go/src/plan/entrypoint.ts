import { join, posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { declaredAt } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type MainPackage, mainPackages, packageClause } from './main-packages.ts';
import { readIfThere } from './module.ts';

/** Where a service's program is expected, in order (section 3.2 of the services reference). */
const USUAL_FOLDERS = ['.', 'cmd/api', 'cmd/server'];

/**
 * The main package to build: the one of the configured entrypoint; one in a usual place; else the only one of the service,
 * wherever it is.
 *
 * Failures: `entrypoint-invalid` (the file is of another package; several programs could be meant, all listed),
 * `entrypoint-not-found`.
 */
export async function findMain(request: PlanRequest): Promise<Result<MainPackage>> {
  const all = outsideNestedModules(request, await mainPackages(request));
  if (request.entrypoint !== null) return configured(request, request.entrypoint, all);
  for (const folder of USUAL_FOLDERS) {
    const found = all.find(each => each.folder === folder);
    if (found) return ok(found);
  }
  const [only, ...others] = all;
  if (only && others.length === 0) return ok(only);
  return failed(only ? several(request, all) : none(request));
}

/** A module inside the service's own, such as one of tools, has programs of its own; they count where there are no others. */
function outsideNestedModules({ files, entrypoint }: PlanRequest, all: readonly MainPackage[]) {
  const nested = files.filter(file => file.endsWith('/go.mod')).map(file => posix.dirname(file));
  if (entrypoint !== null || !files.includes('go.mod')) return all;
  const own = all.filter(
    ({ folder }) => !nested.some(other => folder === other || folder.startsWith(`${other}/`)),
  );
  return own.length > 0 ? own : all;
}

async function configured(
  request: PlanRequest,
  entrypoint: string,
  all: readonly MainPackage[],
): Promise<Result<MainPackage>> {
  const path = posix.normalize(entrypoint);
  const folder = path.endsWith('.go') ? posix.dirname(path) : path;
  const found = all.find(each => each.folder === folder);
  if (found) return ok(found);
  const text = await readIfThere(join(request.paths.root, path));
  const clause = packageClause(text ?? '');
  const isMain = clause?.name === 'main';
  const position = clause && {
    file: posix.join(request.service.root, path),
    line: clause.line,
    column: 1,
    lineText: (text ?? '').split('\n')[clause.line - 1] ?? '',
  };
  const programs = all.map(each => each.file);
  return failed({
    code: 'entrypoint-invalid',
    message: isMain
      ? `the entrypoint ${path} is in a folder without func main`
      : `the entrypoint ${path} is no program: it is of package ${clause?.name ?? 'unknown'}, not main`,
    help:
      programs.length > 0
        ? `The programs of this service are ${programs.join(', ')}.`
        : 'A program is `package main` with `func main()`.',
    ...(position ? { position } : {}),
  });
}

function several(request: PlanRequest, all: readonly MainPackage[]): Failure {
  const names = all.map(each => each.file);
  return {
    code: 'entrypoint-invalid',
    message: `this Go service has several programs: ${names.join(', ')}`,
    help: `Say which one serves requests: "entrypoint": "${names[0]}".`,
    ...declaredAt(request.service),
  };
}

function none(request: PlanRequest): Failure {
  return {
    code: 'entrypoint-not-found',
    message: 'this Go service has no program: no file is `package main` with `func main()`',
    help: 'Write a main.go that listens on the port in the variable PORT, or name the file: "entrypoint": "cmd/api/main.go".',
    ...declaredAt(request.service),
  };
}
