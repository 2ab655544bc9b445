import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuilderPlan } from '@svc/builder-kit';
import { type Files, type ServiceFixture, writeFiles } from '@svc/builder-kit/test-support';
import type { Failure, JsonObject } from '@svc/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { pythonBuilder } from '../src/index.ts';
import { readSigns } from '../src/plan/signs.ts';
import { satisfies, specifierOfVersion } from '../src/versions/specifier.ts';
import { planRequest } from './support/build.ts';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true }))));

async function plan(files: Files, fixture: Partial<ServiceFixture> = {}) {
  const boundary = await mkdtemp(join(tmpdir(), 'svc-python-plan-'));
  folders.push(boundary);
  writeFiles(boundary, files);
  const builder = pythonBuilder({ install: '/tools/install.mjs', bundle: '/tools/bundle.mjs' });
  return builder.plan(planRequest(boundary, { root: '.', ...fixture }));
}

async function planned(files: Files, fixture?: Partial<ServiceFixture>): Promise<BuilderPlan> {
  const result = await plan(files, fixture);
  if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
  return result.value;
}

async function refused(files: Files, fixture?: Partial<ServiceFixture>): Promise<readonly Failure[]> {
  const result = await plan(files, fixture);
  if (result.ok) throw new Error('it was planned');
  return result.failures;
}

function inputOf(step: BuilderPlan['steps'][number] | undefined): JsonObject {
  return step?.command.type === 'tool' ? step.command.input : {};
}

/** `module:attribute` of the app that a plan serves, and the folders it is imported from. */
async function appOf(files: Files, fixture?: Partial<ServiceFixture>) {
  const { app } = inputOf((await planned(files, fixture)).steps.at(-1)) as unknown as {
    app: { module: string; attribute: string; paths: string[]; factory: boolean };
  };
  return [`${app.module}:${app.attribute}${app.factory ? '()' : ''}`, app.paths];
}

const FASTAPI = 'from fastapi import FastAPI\n';

describe('the app', () => {
  it.each<[string, Files, Partial<ServiceFixture>, [string, string[]]]>([
    ['a usual name', { 'main.py': `${FASTAPI}app = FastAPI()\n` }, {}, ['main:app', ['.']]],
    ['a name of its own', { 'server.py': `${FASTAPI}api: FastAPI = FastAPI()\n` }, {}, ['server:api', ['.']]],
    ['a file in src', { 'src/main.py': 'from .web import app\n' }, {}, ['main:app', ['src', '.']]],
    [
      'a package in src',
      { 'src/shop/__init__.py': '', 'src/shop/web.py': `${FASTAPI}app = FastAPI()\n` },
      { entrypoint: 'src/shop/web.py' },
      ['shop.web:app', ['src', '.']],
    ],
    [
      'a file in a folder that is no package',
      { 'api/index.py': 'import sibling\napp = sibling.make()\n', 'api/sibling.py': '' },
      {},
      ['api.index:app', ['.', 'api']],
    ],
    [
      'a factory',
      { 'app.py': 'def create_app(config=None):\n    return Flask(__name__)\n' },
      {},
      ['app:create_app()', ['.']],
    ],
    [
      'module:attribute',
      { 'web/main.py': 'one = FastAPI()\ntwo = FastAPI()\n' },
      { entrypoint: 'web/main.py', handler: 'two' },
      ['web.main:two', ['.', 'web']],
    ],
    [
      'the only file that makes an app',
      {
        'service/http.py': 'from litestar import Litestar\nsite = Litestar([])\n',
        'service/tests/test_a.py': 'app = FastAPI()\n',
      },
      {},
      ['service.http:site', ['.', 'service']],
    ],
    [
      'project.scripts.app',
      {
        'pyproject.toml': '[project]\nname = "x"\nscripts = { app = "web:server" }\n',
        'web.py': 'server = Flask("x")\n',
      },
      { entrypoint: 'pyproject.toml' },
      ['web:server', ['.']],
    ],
    [
      'the ASGI application of Django, from a package of settings',
      {
        'manage.py': "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.settings.local')\n",
        'core/settings/base.py':
          "ASGI_APPLICATION = 'core.routing.application'\nWSGI_APPLICATION = 'core.wsgi.application'\n",
        'core/settings/local.py': 'from .base import *\n',
        'core/routing.py': 'application = ProtocolTypeRouter({})\n',
        'core/wsgi.py': '',
      },
      { slug: 'django' },
      ['core.routing:application', ['.']],
    ],
  ])('is found: %s', async (_, files, fixture, expected) => {
    expect(await appOf(files, fixture)).toEqual(expected);
  });

  it('is no code in texts and comments, and no local variable', () => {
    const source = '"""\napp = FastAPI()\n"""\n# app = FastAPI()\ndef f():\n    app = FastAPI()\n';
    expect(readSigns(source).app).toBeUndefined();
  });

  it('that a file does not have is refused, with the one that it has', async () => {
    const [failure] = await refused(
      { 'main.py': `${FASTAPI}api = FastAPI()\n` },
      { entrypoint: 'main.py', handler: 'app' },
    );
    expect(failure).toMatchObject({
      code: 'entrypoint-invalid',
      message: 'main.py has no variable "app"',
      position: { file: 'vercel.json', line: 3 },
    });
    expect(failure?.help).toContain('write "main:api"');
  });

  it('that several files make is asked for by name', async () => {
    const [failure] = await refused({ 'one/web.py': 'a = Flask("a")\n', 'two/web.py': 'b = Flask("b")\n' });
    expect(failure).toMatchObject({
      code: 'entrypoint-invalid',
      message: 'several files of this service define an app: one.web:a, two.web:b',
    });
  });

  it('that is nowhere is a failure that says what was looked for', async () => {
    const [failure] = await refused({ 'tool.py': 'print("hello")\n' });
    expect(failure?.code).toBe('entrypoint-not-found');
    expect(failure?.help).toContain('"entrypoint": "module:attribute"');
  });
});

describe('dependencies', () => {
  const app = { 'app.py': 'app = Flask("x")\n' };
  const label = async (files: Files) => (await planned({ ...app, ...files })).steps[0]?.label;

  it('come from the first file that says something', async () => {
    const bare = '[tool.ruff]\nline-length = 100\n';
    expect(await label({ 'pyproject.toml': bare, 'requirements.txt': 'flask\n' })).toBe(
      'install requirements.txt with pip',
    );
    expect(await label({ Pipfile: '[packages]\nflask = "*"\n' })).toBe('install Pipfile with pip');
    expect(await label({ 'setup.py': '' })).toBe('install setup.py with pip');
    const { warnings, steps } = await planned({
      ...app,
      'pyproject.toml': '[project]\nname = "x"\ndependencies = ["flask"]\n',
      'requirements.txt': 'flask\n',
    });
    expect(steps[0]?.label).toBe('install pyproject.toml with pip');
    expect(steps[0]?.network).toBe(true);
    expect(warnings).toMatchObject([{ code: 'requirements-not-read' }]);
  });

  it('that a lockfile lacks are named, all of them, with their lines', async () => {
    const failures = await refused({
      ...app,
      'pyproject.toml': '[project]\nname = "x"\ndependencies = [\n  "Flask>=3",\n  "httpx",\n  "idna",\n]\n',
      'uv.lock': 'version = 1\n[[package]]\nname = "idna"\nversion = "3.10"\n',
    });
    expect(failures.map(({ message, position }) => [message, position?.line])).toEqual([
      ['uv.lock does not list "flask", which pyproject.toml depends on', 4],
      ['uv.lock does not list "httpx", which pyproject.toml depends on', 5],
    ]);
  });

  it('in a form that only Poetry reads are refused with a way out', async () => {
    const [failure] = await refused({
      ...app,
      'pyproject.toml': '[tool.poetry.dependencies]\nflask = "^3"\n',
    });
    expect(failure).toMatchObject({ code: 'package-manager-missing', position: { line: 1 } });
  });

  it('of a Pipfile that its lockfile lacks, or in a broken lockfile', async () => {
    const Pipfile = '[packages]\nflask = "*"\nidna = "*"\n';
    const locked = { ...app, Pipfile, 'Pipfile.lock': '{"default": {"Flask": {"version": "==3.0"}}}' };
    expect(await refused(locked)).toMatchObject([{ code: 'install-failed', position: { line: 3 } }]);
    const [broken] = await refused({ ...app, 'Pipfile.lock': '{' });
    expect(broken).toMatchObject({ code: 'install-failed', position: { file: 'Pipfile.lock' } });
  });

  it('in a broken pyproject.toml: the place is named', async () => {
    const [failure] = await refused({ ...app, 'pyproject.toml': '[project]\nname = \n' }, { root: '.' });
    expect(failure).toMatchObject({ code: 'install-failed', position: { file: 'pyproject.toml', line: 2 } });
  });
});

describe('settings', () => {
  it('of functions apply by name with or without .py; those without effect are told', async () => {
    const { steps, warnings } = await planned(
      { 'app.py': 'app = Flask("x")\n' },
      { functions: { app: { memory: 512, includeFiles: 'x' }, 'other.py': { maxDuration: 3 } } },
    );
    expect(inputOf(steps.at(-1)).settings).toEqual({ memory: 512, includeFiles: 'x' });
    expect(warnings.map(({ code }) => code)).toEqual(['functions-key-unused', 'functions-setting-unused']);
  });

  it('name the function after a framework that the vendor knows', async () => {
    const files = { 'app.py': 'app = Flask("x")\n' };
    expect((await planned(files, { slug: 'flask' })).data).toEqual({ function: 'flask' });
    expect((await planned(files, { slug: 'python' })).data).toEqual({ function: 'python' });
  });
});

describe('what lies outside the root', () => {
  const APP = { 'api/app.py': 'app = Flask("x")\n' };

  it.each<[string, Record<string, string>, string[]]>([
    [
      'folders and files that requirements.txt names',
      {
        'api/requirements.txt': '-r ../base.txt\n-e ../libs/one\n./own\nidna==3.10\n',
        'base.txt': 'two @ file:../libs/two\n../libs/three[extra] ; python_version > "3"\n',
      },
      ['base.txt', 'libs/one', 'libs/three', 'libs/two'],
    ],
    [
      'sources of uv',
      {
        'api/pyproject.toml':
          '[project]\nname = "api"\nversion = "1"\ndependencies = ["one"]\n[tool.uv.sources]\none = { path = "../libs/one" }\n',
      },
      ['libs/one'],
    ],
    ['paths in a Pipfile', { 'api/Pipfile': '[packages]\none = { path = "../libs/one" }\n' }, ['libs/one']],
    [
      'members of a uv workspace: those that are needed whole, of the others their manifests',
      {
        'api/pyproject.toml': '[project]\nname = "api"\nversion = "1"\ndependencies = ["one"]\n',
        'uv.lock': `version = 1
[[package]]
name = "api"
version = "1"
source = { virtual = "api" }
dependencies = [{ name = "one" }]
[[package]]
name = "one"
version = "1"
source = { editable = "libs/one" }
dependencies = [{ name = "two" }]
[[package]]
name = "two"
version = "1"
source = { directory = "libs/two" }
[[package]]
name = "three"
version = "1"
source = { editable = "libs/three" }
`,
      },
      ['libs/one', 'libs/three/pyproject.toml', 'libs/two'],
    ],
  ])('%s', async (_, files, expected) => {
    expect((await planned({ ...APP, ...files }, { root: 'api' })).inputs).toEqual(expected);
  });
});

describe('versions of Python', () => {
  it.each([
    ['>=3.11', [3, 11, 7], true],
    ['>=3.11,<3.12', [3, 12, 0], false],
    ['~=3.11', [3, 13, 0], true],
    ['~=3.11.2', [3, 12, 0], false],
    ['==3.12.*', [3, 12, 9], true],
    ['!=3.12.*', [3, 12, 9], false],
    ['>3.11', [3, 11, 1], true],
    ['<=3.11', [3, 11, 1], false],
    ['three', [3, 11, 1], undefined],
  ])('%s and %j: %s', (specifier, release, expected) => {
    expect(satisfies(release as number[], specifier as string)).toBe(expected);
  });

  it('of .python-version mean a minor version or one release', () => {
    expect(specifierOfVersion('3.12')).toBe('==3.12.*');
    expect(specifierOfVersion('cpython-3.12.4')).toBe('==3.12.4');
    expect(specifierOfVersion('my-environment')).toBeUndefined();
  });

  it('are collected from every file that says something, those above the root too', async () => {
    const { steps } = await planned(
      {
        '.python-version': '# ours\n3.12\n',
        'api/app.py': 'app = Flask("x")\n',
        'api/pyproject.toml': '[project]\nname = "x"\nrequires-python = ">=3.10"\n',
        'api/Pipfile': '[requires]\npython_version = "3.12"\n',
      },
      { root: 'api' },
    );
    const wishes = inputOf(steps[0]).wishes as unknown as { specifier: string; position: { file: string } }[];
    expect(wishes.map(({ specifier, position }) => [specifier, position.file])).toEqual([
      ['==3.12.*', '.python-version'],
      ['>=3.10', 'api/pyproject.toml'],
      ['==3.12.*', 'api/Pipfile'],
    ]);
  });
});
