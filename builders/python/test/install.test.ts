import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { runProgram } from '@svc/builder-kit/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathWith, pathWithUv, pythonOf, workshop } from './support/workshop.ts';

const { project, start } = workshop();
const APP = 'def app(environ, start_response):\n    start_response("200 OK", [])\n    return [b"here"]\n';
const IMPORTING = `import idna\n${APP}`;

/** Every file of a folder with its content. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(
    files
      .map(entry => join(entry.parentPath, entry.name))
      .map(file => [relative(folder, file), readFileSync(file, 'latin1')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('installing', () => {
  it('keeps what it has installed until the manifest changes, and drops what is no longer asked for', async () => {
    const { built, write } = await project({
      'app.py': APP,
      'requirements.txt': 'idna==3.10\nsix==1.16.0\n',
    });
    const first = await built();
    expect(existsSync(join(first.function, '_vendor/six.py'))).toBe(true);
    const again = await built();
    expect(again.printed).toContain('the dependencies have not changed');
    expect(contentOf(again.function)).toEqual(contentOf(first.function));
    write({ 'requirements.txt': 'idna==3.10\n' });
    const without = await built();
    expect(existsSync(join(without.function, '_vendor/idna'))).toBe(true);
    expect(readdirSync(join(without.function, '_vendor')).filter(name => name.includes('six'))).toEqual([]);
  });

  it('gives the same function in another place, without programs, bytecode, or paths of this machine', async () => {
    const files = {
      'app.py': IMPORTING,
      'requirements.txt': '-r base.txt\n-e ./lib\n',
      'base.txt': 'idna==3.10\nclick==8.1.8\n',
      'lib/pyproject.toml':
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "inner"\nversion = "1.0"\ndescription = "inside"\n[project.scripts]\ninner = "inner:main"\n',
      'lib/inner.py': 'def main():\n    print("inner")\n',
      '.env': 'SECRET=1\n',
      '__pycache__/old.cpython-311.pyc': 'old',
      'notes/draft.txt': 'draft',
    };
    const fixture = { functions: { 'app.py': { excludeFiles: 'notes/**', memory: 512, maxDuration: 30 } } };
    const one = await project(files);
    const two = await project(files);
    const [first, second] = [await one.built(fixture), await two.built(fixture)];
    expect(contentOf(second.function)).toEqual(contentOf(first.function));
    const names = Object.keys(contentOf(first.function));
    expect(
      names.filter(name => /pyc$|__pycache__|^_vendor\/bin\/|INSTALLER|direct_url|\.env|notes/.test(name)),
    ).toEqual([]);
    expect(names).toContain('_vendor/inner.py');
    const text = Object.values(contentOf(first.function)).join('\n');
    expect(text).not.toContain(dirname(one.boundary));
    expect(JSON.parse(readFileSync(join(first.function, '.vc-config.json'), 'utf8'))).toMatchObject({
      handler: 'vc__handler__python.vc_handler',
      memory: 512,
      maxDuration: 30,
      environment: { PYTHONPATH: '_vendor' },
    });
  });

  it('reads a Pipfile.lock, hashes and markers included', async () => {
    const { built } = await project({
      'app.py': IMPORTING,
      Pipfile: '[packages]\nidna = "*"\n',
      'Pipfile.lock': JSON.stringify({
        default: {
          idna: {
            version: '==3.10',
            markers: "python_version >= '3.6'",
            hashes: ['sha256:946d195a0d259cbba61165e88e65941f16e9b36ea6ddb97f00452bae8b1287d3'],
          },
          colorama: { version: '==0.4.6', markers: "sys_platform == 'win32'", hashes: ['sha256:00'] },
        },
      }),
    });
    const { function: folder, plan } = await built();
    expect(plan.steps[0]?.label).toBe('install Pipfile.lock with pip');
    expect(existsSync(join(folder, '_vendor/idna'))).toBe(true);
    expect(existsSync(join(folder, '_vendor/colorama'))).toBe(false);
  });

  it('takes the virtual environment that an installCommand has made', async () => {
    const { built } = await project({
      'app.py': IMPORTING,
      'requirements.txt': 'nothing-of-this-name-exists\n',
    });
    const installCommand =
      'python3 -m venv --without-pip .venv && python3 -m pip --python .venv install -q idna==3.10';
    const { function: folder } = await built({ installCommand });
    expect(existsSync(join(folder, '_vendor/idna'))).toBe(true);
    const { origin } = await start(folder);
    expect(await (await fetch(origin)).text()).toBe('here');
  });

  it('has the packages and their programs at hand for a build command', async () => {
    const { built } = await project({
      'app.py': APP,
      'pyproject.toml':
        '[project]\nname = "made"\nversion = "1"\ndependencies = ["idna==3.10", "pyjson5==1.6.9"]\n[tool.vercel.scripts]\nbuild = "python make.py > made.txt"\n',
      'make.py': 'import idna\nprint(idna.__version__)\n',
    });
    const { function: folder, plan } = await built();
    expect(plan.steps.map(step => step.label)).toContain('python make.py > made.txt');
    expect(readFileSync(join(folder, 'made.txt'), 'utf8')).toBe('3.10\n');
  });
});

describe('with uv', () => {
  let tools: string;
  let path: string;
  beforeAll(async () => {
    tools = await mkdtemp(join(tmpdir(), 'svc-python-uv-'));
    path = await pathWithUv(tools);
  });
  afterAll(() => rm(tools, { recursive: true, force: true }));

  it('installs a uv.lock of a workspace, its members included', async () => {
    const { boundary, built } = await project({
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["api", "libs/*"]\n',
      'api/pyproject.toml':
        '[project]\nname = "api"\nversion = "1.0.0"\nrequires-python = ">=3.9"\ndependencies = ["idna==3.10", "shared"]\n[tool.uv.sources]\nshared = { workspace = true }\n',
      'api/app.py': `import shared\n${IMPORTING}`,
      'libs/shared/pyproject.toml':
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "shared"\nversion = "1.0.0"\ndescription = "shared"\nrequires-python = ">=3.9"\n',
      'libs/shared/shared.py': 'NAME = "shared"\n',
    });
    const locked = await runProgram('uv', ['lock'], boundary, { PATH: path });
    expect(locked.status, locked.output).toBe(0);
    const { function: folder, plan } = await built({ root: 'api' }, { PATH: path });
    expect(plan.steps[0]?.label).toBe('install ../uv.lock with uv');
    expect(existsSync(join(folder, '_vendor/shared.py'))).toBe(true);
    const { origin } = await start(folder);
    expect(await (await fetch(origin)).text()).toBe('here');
  });

  it('and pip install the same versions of a uv.lock', async () => {
    const { boundary, built } = await project({
      'pyproject.toml':
        '[project]\nname = "api"\nversion = "1.0.0"\nrequires-python = ">=3.9"\ndependencies = ["idna<3.9"]\n',
      'app.py': IMPORTING,
    });
    const locked = await runProgram('uv', ['lock', '--upgrade-package', 'idna==3.7'], boundary, {
      PATH: path,
    });
    expect(locked.status, locked.output).toBe(0);
    const first = await built({}, { PATH: path });
    const second = await built();
    expect(first.plan.steps[0]?.label).toBe('install uv.lock with uv');
    expect(second.plan.steps[0]?.label).toBe('install pyproject.toml with the versions of uv.lock with pip');
    for (const { function: folder } of [first, second]) {
      expect(readdirSync(join(folder, '_vendor'))).toContain('idna-3.7.dist-info');
    }
  });

  it('says which package cannot be had, and where it is asked for', async () => {
    const { build } = await project({
      'app.py': APP,
      'requirements.txt': 'idna==3.10\nno-such-package-for-svc==1.0\n',
    });
    const [failure] = failuresOf(await build({}, { PATH: path }));
    expect(failure).toMatchObject({
      code: 'install-failed',
      position: { file: 'requirements.txt', line: 2, column: 1 },
    });
    expect(failure?.message).toContain('uv could not install');
  });
});

describe('interpreters', () => {
  it('takes the minor version that .python-version asks for, and serves with the platform runtime there', async () => {
    const python = await pythonOf('3.12');
    const { built, boundary } = await project({
      'app.py': `
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"on 3.12"})
`,
      '.python-version': '3.12\n',
    });
    const path = pathWith(join(dirname(boundary), 'path'), { 'python3.12': python });
    const { function: folder, printed } = await built({}, { PATH: path });
    expect(printed).toContain('Python 3.12.');
    expect(JSON.parse(readFileSync(join(folder, '.vc-config.json'), 'utf8')).runtime).toBe('python3.12');
    expect(existsSync(join(folder, '_vendor/vercel_runtime'))).toBe(true);
    const byPlatform = await start(folder, { python });
    expect(await (await fetch(byPlatform.origin)).text()).toBe('on 3.12');
    expect(byPlatform.messages).toContain('handler-started');
    const byPort = await start(folder, { python, env: { PORT: '0' } });
    expect(await (await fetch(byPort.origin)).text()).toBe('on 3.12');
  });

  it('names the interpreter that it found when none fits, before anything is installed', async () => {
    const { build, boundary } = await project({
      'app.py': APP,
      'requirements.txt': 'no-such-package-for-svc\n',
      'pyproject.toml': '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.99"\n',
    });
    const failures = failuresOf(await build());
    expect(failures).toEqual([
      expect.objectContaining({
        code: 'tool-missing',
        message: expect.stringMatching(
          /^the service needs another Python \(requires-python in pyproject\.toml is ">=3\.99"\) than the interpreters? found, Python 3\.\d+\.\d+ \(\/.+\)/,
        ),
        help: expect.stringContaining('python3.99'),
        position: expect.objectContaining({ file: 'pyproject.toml', line: 4, column: 20 }),
      }),
    ]);
    expect(existsSync(join(boundary, '.svc-python'))).toBe(false);
  });

  it('says so when there is no Python at all', async () => {
    const { build, boundary } = await project({ 'app.py': APP });
    const [failure] = failuresOf(await build({}, { PATH: join(boundary, 'nothing') }));
    expect(failure).toMatchObject({ code: 'tool-missing' });
    expect(failure?.message).toContain('no python3 or python on PATH');
  });
});

describe('failures of an install', () => {
  it('pip: the package and its line', async () => {
    const { build } = await project({
      'pkg/app.py': APP,
      'pkg/pyproject.toml':
        '[project]\nname = "api"\nversion = "1"\ndependencies = [\n  "idna",\n  "No_Such.Package-for-svc>=2",\n]\n',
    });
    const [failure] = failuresOf(await build({ root: 'pkg' }));
    expect(failure).toMatchObject({
      code: 'install-failed',
      message: expect.stringMatching(
        /^pip could not install the dependencies of pkg\/pyproject\.toml: ".+" cannot be had$/,
      ),
      position: { file: 'pkg/pyproject.toml', line: 6, column: 4 },
    });
  });
});

function failuresOf(result: { readonly ok: boolean; readonly failures?: unknown }) {
  if (result.ok) throw new Error('it was built');
  return result.failures as { code: string; message: string; help?: string; position?: object }[];
}
