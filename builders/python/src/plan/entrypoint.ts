import { posix } from 'node:path';
import { declaredAt } from '@svc/builder-kit';
import { type Failure, failed, ok, type Position, type Result } from '@svc/contracts';
import type { AppReference } from '../input.ts';
import { djangoApp } from './django.ts';
import { fileOfModule, moduleOf } from './modules.ts';
import type { Pyproject } from './pyproject.ts';
import type { ServiceFiles } from './service-files.ts';
import { readSigns } from './signs.ts';

const NAMES = ['app', 'index', 'server', 'main', 'asgi', 'wsgi'];
const FOLDERS = ['', 'src/', 'app/', 'api/'];
const MODULE_ATTRIBUTE = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)(\(\))?$/;

/**
 * Finds the app to serve: what the configuration names (`module:attribute`, a file, `pyproject.toml`), what `pyproject.toml`
 * names, Django's application, or an app in a file of a usual name; else the only file that makes one.
 *
 * Failures: `entrypoint-not-found` (lists what was looked for), `entrypoint-invalid` (the file has no such app; names those
 * that it has; several files could be meant).
 */
export async function findApp(
  files: ServiceFiles,
  pyproject: Pyproject | undefined,
): Promise<Result<AppReference>> {
  const { entrypoint, handler, service, framework } = files.request;
  if (entrypoint === 'pyproject.toml') return fromPyproject(files, pyproject);
  if (entrypoint !== null && posix.basename(entrypoint) !== 'manage.py') {
    return inFile(files, entrypoint, handler, service.positions.entrypoint);
  }
  if (pyproject?.entrypoint !== undefined) return fromPyproject(files, pyproject);
  const django = await djangoApp(files);
  if (django && (framework === null || ['django', 'python'].includes(framework.slug))) return ok(django);
  return detected(files);
}

async function fromPyproject(
  files: ServiceFiles,
  pyproject: Pyproject | undefined,
): Promise<Result<AppReference>> {
  const written = pyproject?.entrypoint;
  if (!pyproject || written === undefined) {
    const position = files.request.service.positions.entrypoint;
    return failed({
      code: 'entrypoint-invalid',
      message: 'pyproject.toml names no entrypoint',
      help: 'Write one into it:\n  [tool.vercel]\n  entrypoint = "main:app"',
      ...(position ? { position } : {}),
    });
  }
  const position = files.place('pyproject.toml', pyproject.text, written);
  const [, module = '', attribute = ''] = MODULE_ATTRIBUTE.exec(written) ?? [];
  if (module !== '') {
    const file = fileOfModule(files, module);
    if (file !== undefined) return inFile(files, file, attribute, position);
  } else if (files.has(posix.normalize(written))) {
    return inFile(files, posix.normalize(written), null, position);
  }
  return failed({
    code: 'entrypoint-not-found',
    message: `pyproject.toml names the entrypoint "${written}", which does not exist`,
    help: '"module:attribute" names a Python file without its ending and a variable in it, such as "app.main:app".',
    position,
  });
}

/** The app in a known file: the attribute that was named, or the likeliest. */
async function inFile(
  files: ServiceFiles,
  file: string,
  attribute: string | null,
  position: Position | undefined,
): Promise<Result<AppReference>> {
  const text = await files.read(file);
  if (text === undefined) {
    return invalid(
      `the entrypoint ${file} does not exist`,
      'The path is relative to the root of the service.',
      position,
    );
  }
  const { names, isOpen, app } = readSigns(text);
  const modules = moduleOf(files, file);
  if (attribute === null) {
    if (app) return ok({ file, ...modules, ...app });
    if (isOpen) return ok({ file, ...modules, attribute: 'app', factory: false, interface: null });
    return invalid(
      `${files.shown(file)} defines no app that svc can find`,
      'Name the app `app` or `application`, or write its name into the entrypoint: "module:attribute", such as "main:api".',
      position ?? { file: files.shown(file), line: 1, column: 1 },
    );
  }
  const isMentioned = isOpen || names.has(attribute) || new RegExp(`\\b${attribute}\\b`).test(text);
  if (!isMentioned) {
    const instead = app ? ` It has "${app.attribute}": write "${modules.module}:${app.attribute}".` : '';
    return invalid(
      `${files.shown(file)} has no variable "${attribute}"`,
      `The part after the colon is the name of the app in that file.${instead}`,
      position,
    );
  }
  const known = app?.attribute === attribute ? app : undefined;
  return ok({
    file,
    ...modules,
    attribute,
    factory: known?.factory ?? false,
    interface: known?.interface ?? null,
  });
}

async function detected(files: ServiceFiles): Promise<Result<AppReference>> {
  const usual = FOLDERS.flatMap(folder => NAMES.map(name => `${folder}${name}.py`));
  for (const file of usual) {
    const { app } = readSigns((await files.read(file)) ?? '');
    if (app) return ok({ file, ...moduleOf(files, file), ...app });
  }
  const others = files.request.files.filter(file => file.endsWith('.py') && !isTest(file));
  const apps: AppReference[] = [];
  for (const file of others) {
    const { app } = readSigns((await files.read(file)) ?? '');
    if (app && (app.interface !== null || app.factory)) apps.push({ file, ...moduleOf(files, file), ...app });
  }
  const [only, ...more] = apps;
  if (only && more.length === 0) return ok(only);
  const declared = declaredAt(files.request.service);
  if (only) {
    return invalid(
      `several files of this service define an app: ${listed(apps)}`,
      `Say which one to serve: "entrypoint": "${only.module}:${only.attribute}".`,
      declared.position,
    );
  }
  const failure: Failure = {
    code: 'entrypoint-not-found',
    message: 'no file of this Python service defines an app that svc can find',
    help: [
      `Looked for a variable "app" or "application", a FastAPI, Flask, Starlette, … object, or a function create_app in ${NAMES.join(', ')} (.py), also in src, app and api; for manage.py of Django; and in every other file.`,
      'Name it: "entrypoint": "module:attribute", such as "main:app".',
    ].join('\n'),
    ...declared,
  };
  return failed(failure);
}

function isTest(file: string): boolean {
  return (
    /(?:^|\/)(?:tests?|\.?venv|node_modules)\//.test(file) ||
    /(?:^|\/)(?:test_.*|.*_test|conftest)\.py$/.test(file)
  );
}

function listed(apps: readonly AppReference[]): string {
  const names = apps.slice(0, 6).map(({ module, attribute }) => `${module}:${attribute}`);
  return `${names.join(', ')}${apps.length > 6 ? ` and ${apps.length - 6} more` : ''}`;
}

function invalid(message: string, help: string, position: Position | undefined): Result<never> {
  return failed({ code: 'entrypoint-invalid', message, help, ...(position ? { position } : {}) });
}
