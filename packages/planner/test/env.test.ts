import { describe, expect, it } from 'vitest';
import { readEnvReferences } from '../src/index.ts';
import { failuresOf, planOk, planOne, tree } from './support/project.ts';

const vite = { 'package.json': { dependencies: { vite: '6' } }, 'index.html': '' };

describe('the environment of a plan', () => {
  it('holds names, the prefix of the framework and env files, never values', async () => {
    const root = tree({ ...vite, 'web.env': 'A=secret-value' });
    const plan = await planOk(
      root,
      { it: { local: { env: ['TOKEN'], envFiles: ['web.env'] } } },
      { env: { TOKEN: 'secret-value' } },
    );
    expect(plan.services[0]?.env).toEqual({ names: ['TOKEN'], prefixes: ['VITE_'], files: ['web.env'] });
    expect(JSON.stringify(plan)).not.toContain('secret-value');
  });

  it('needs declared files to exist', async () => {
    const entry = { local: { envFiles: ['gone.env'], inputs: ['gone'] } };
    const codes = (await failuresOf(vite, entry)).map(({ code }) => code);
    expect(codes).toEqual(['config-invalid-env-file', 'config-invalid-value']);
  });

  it('counts the .env files of a framework as inputs although git ignores them', async () => {
    const files = {
      ...vite,
      '.gitignore': '.env*\nnode_modules\n',
      '.env': '',
      '.env.production.local': '',
      '.env.development': '',
    };
    const service = await planOne(files);
    expect(service.inputs).toMatchObject({ envFiles: ['.env', '.env.production.local'], count: 5 });
  });

  it('takes further inputs from svc.json', async () => {
    const root = tree({ 'web/index.html': '', 'shared/a.css': '', 'shared/b.css': '', LICENSE: '' });
    const plan = await planOk(root, { it: { root: 'web', local: { inputs: ['shared', 'LICENSE'] } } });
    expect(plan.services[0]?.inputs).toEqual({
      roots: ['web', 'shared'],
      files: ['LICENSE'],
      envFiles: [],
      count: 4,
    });
  });
});

describe('a variable that code reads and that is set, but not passed on', () => {
  const env = {
    API_KEY: 'x',
    PATH: '/bin',
    VITE_URL: 'x',
    HOME: '/h',
    UNREAD: 'x',
    BOUND_URL: 'x',
    IN_FILE: 'x',
  };
  const code =
    'export const a = process.env.PATH + import.meta.env.VITE_URL;\nuse(process.env.API_KEY, process.env.BOUND_URL, process.env.IN_FILE);\n';

  it('is named with its place and the line to add', async () => {
    const root = tree({
      'w/package.json': vite['package.json'],
      'w/src/a.ts': code,
      'x.env': 'export IN_FILE=1',
    });
    const services = {
      web: {
        root: 'w',
        bindings: [{ type: 'service', service: 'b', format: 'url', env: 'BOUND_URL' }] as const,
        local: { envFiles: ['x.env'] },
      },
    };
    const { warnings } = await planOk(root, services, { env });
    expect(warnings).toEqual([
      {
        code: 'env-not-passed',
        service: 'web',
        message:
          'service "web" reads API_KEY (w/src/a.ts:2), which is set here but not passed on to its build',
        help: 'If the build needs it, add to svc.json: { "services": { "web": { "env": ["API_KEY"] } } }',
        position: { file: 'w/src/a.ts', line: 2, column: 17, length: 7, lineText: code.split('\n')[1] },
      },
    ]);
  });

  it('is not mentioned once svc.json or the caller admits it', async () => {
    const root = tree({ 'package.json': vite['package.json'], 'a.js': 'process.env.API_KEY' });
    const admitted = await planOk(root, { it: { local: { env: ['API_KEY'] } } }, { env });
    expect(admitted.warnings).toEqual([]);
    const always = await planOk(root, { it: {} }, { env, isPassedAlways: name => name === 'API_KEY' });
    expect(always.warnings).toEqual([]);
  });

  it('is not looked for in the code of another service inside the root', async () => {
    const root = tree({ ...vite, 'api/server.js': 'process.env.API_KEY; x.listen()' });
    const { warnings } = await planOk(root, { web: {}, api: { root: 'api' } }, { env });
    expect(warnings.map(({ service }) => service)).toEqual(['api']);
  });
});

describe('reading of environment variables', () => {
  const cases: [string, string[]][] = [
    [
      'process.env.A; process.env["B"]; process.env[`C`]; process.env?.D; process.env?.["E"]',
      ['A', 'B', 'C', 'D', 'E'],
    ],
    ['const { A, B: b, C = "x",\n  D: d = 1 } = process.env;', ['A', 'B', 'C', 'D']],
    ['import.meta.env.VITE_A; const { VITE_B } = import.meta.env', ['VITE_A', 'VITE_B']],
    ['Bun.env.A; Deno.env.get("B")', ['A', 'B']],
    [
      'os.environ["A"]; os.environ.get(\'B\'); os.getenv("C", "x"); os.environ.setdefault("D", "")',
      ['A', 'B', 'C', 'D'],
    ],
    ['os.Getenv("A"); v, ok := os.LookupEnv("B")', ['A', 'B']],
    ['std::env::var("A")?; env::var_os("B"); option_env!("C"); env!("D")', ['A', 'B', 'C', 'D']],
    ["ENV['A']; ENV.fetch('B', nil)", ['A', 'B']],
    ['getenv("A")', ['A']],
    ['process.env; process.environment.A; myprocess.env[name]; os.environ', []],
  ];
  for (const [source, names] of cases) {
    it(`finds ${names.length === 0 ? 'nothing' : names.join(', ')} in ${source.slice(0, 40)}`, () => {
      expect(readEnvReferences(source).map(({ name }) => name)).toEqual(names);
    });
  }

  it('gives the place of the name', () => {
    expect(readEnvReferences('x\n  process.env.KEY')).toEqual([{ name: 'KEY', line: 2, column: 15 }]);
  });
});
