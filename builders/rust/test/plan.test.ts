import type { BuilderPlan } from '@svc/builder-kit';
import type { Files, ServiceFixture } from '@svc/builder-kit/test-support';
import { describe, expect, it } from 'vitest';
import type { BuildInput } from '../src/input.ts';
import { EMPTY_MAIN, manifest } from './support/programs.ts';
import { workshop } from './support/workshop.ts';

const { project } = workshop();
const CARGO = manifest('api');

async function planned(files: Files, fixture?: Partial<ServiceFixture>) {
  const result = await (await project(files)).plan(fixture);
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
}

async function refused(files: Files, fixture?: Partial<ServiceFixture>) {
  const result = await (await project(files)).plan(fixture);
  if (result.ok) throw new Error('it was planned');
  return result.failures;
}

function inputOf({ steps }: BuilderPlan): BuildInput {
  const { command } = steps.at(-1) ?? {};
  if (command?.type !== 'tool') throw new Error('the last step is no tool');
  return command.input as unknown as BuildInput;
}

describe('the program', () => {
  it.each<[string, Files, string]>([
    ['src/main.rs', { 'Cargo.toml': CARGO, 'src/main.rs': '', 'src/bin/tool.rs': '' }, 'src/main.rs'],
    [
      'the only one in src/bin',
      { 'Cargo.toml': CARGO, 'src/lib.rs': '', 'src/bin/serve.rs': '' },
      'src/bin/serve.rs',
    ],
    ['a folder in src/bin', { 'Cargo.toml': CARGO, 'src/bin/serve/main.rs': '' }, 'src/bin/serve/main.rs'],
    [
      'a [[bin]] wherever it is',
      {
        'Cargo.toml': manifest('api', '\n[[bin]]\nname = "api"\npath = "app/start.rs"\n'),
        'app/start.rs': '',
      },
      'app/start.rs',
    ],
    [
      'the only [[bin]] without automatic ones',
      {
        'Cargo.toml': manifest('api', 'autobins = false\n\n[[bin]]\nname = "two"\n'),
        'src/bin/one.rs': '',
        'src/bin/two.rs': '',
      },
      'src/bin/two.rs',
    ],
    [
      'what default-run names',
      { 'Cargo.toml': manifest('api', 'default-run = "two"\n'), 'src/main.rs': '', 'src/bin/two.rs': '' },
      'src/bin/two.rs',
    ],
    [
      'the only one of a workspace',
      {
        'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
        'crates/words/Cargo.toml': manifest('words'),
        'crates/words/src/lib.rs': '',
        'crates/server/Cargo.toml': manifest('server'),
        'crates/server/src/main.rs': '',
      },
      'crates/server/src/main.rs',
    ],
  ])('is found: %s', async (_, files, expected) => {
    expect((await planned(files)).entrypoint).toBe(expected);
  });

  it('is asked for by name where there are several', async () => {
    const files = { 'Cargo.toml': CARGO, 'src/bin/one.rs': EMPTY_MAIN, 'src/bin/two.rs': EMPTY_MAIN };
    expect(await refused(files)).toMatchObject([
      {
        code: 'entrypoint-invalid',
        message: 'this Rust service has several programs: src/bin/one.rs, src/bin/two.rs',
        help: expect.stringContaining('"entrypoint": "src/bin/one.rs"'),
        position: { file: 'vercel.json', line: 2 },
      },
    ]);
    expect(inputOf(await planned(files, { entrypoint: 'src/bin/two.rs' })).program).toMatchObject({
      folder: '.',
      name: 'two',
    });
  });

  it('that is configured must be one', async () => {
    const files = { 'Cargo.toml': CARGO, 'src/main.rs': EMPTY_MAIN, 'src/words.rs': '' };
    expect(await refused(files, { entrypoint: 'src/words.rs' })).toMatchObject([
      {
        code: 'entrypoint-invalid',
        message: expect.stringContaining('src/words.rs is no program'),
        help: 'The programs of this service are src/main.rs.',
      },
    ]);
  });

  it('is missing, and so is Cargo.toml, or it is broken', async () => {
    expect(await refused({ 'Cargo.toml': CARGO, 'src/lib.rs': '' })).toMatchObject([
      { code: 'entrypoint-not-found', message: expect.stringContaining('no binary target') },
    ]);
    expect(await refused({ 'src/main.rs': EMPTY_MAIN })).toMatchObject([
      { code: 'entrypoint-not-found', help: 'Make one: cargo init --name api .' },
    ]);
    const broken = { 'Cargo.toml': '[package]\nname = "api\n', 'src/main.rs': EMPTY_MAIN };
    expect(await refused(broken)).toMatchObject([
      { code: 'entrypoint-invalid', position: { file: 'Cargo.toml', line: 2 } },
    ]);
  });

  it('of another service inside the root is not looked at', async () => {
    const files = {
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
      'crates/one/Cargo.toml': manifest('one'),
      'crates/one/src/main.rs': EMPTY_MAIN,
      'crates/two/Cargo.toml': manifest('two'),
      'crates/two/src/main.rs': EMPTY_MAIN,
    };
    expect((await planned(files, { otherRoots: ['crates/two'] })).entrypoint).toBe('crates/one/src/main.rs');
    expect(await refused(files)).toMatchObject([{ code: 'entrypoint-invalid' }]);
  });
});

describe('a workspace above the root', () => {
  const files: Files = {
    'Cargo.toml':
      '[workspace]\nmembers = ["services/*"]\nexclude = ["services/old"]\n\n[workspace.dependencies]\nwords = { path = "crates/words" }\n',
    'Cargo.lock': '',
    'rust-toolchain.toml': '[toolchain]\nchannel = "stable"\n',
    'services/api/Cargo.toml': manifest(
      'api',
      '\n[dependencies]\nwords.workspace = true\n\n[target.\'cfg(unix)\'.build-dependencies]\ngen = { path = "../../crates/gen" }\n',
    ),
    'services/api/src/main.rs': EMPTY_MAIN,
    'services/other/Cargo.toml': manifest(
      'other',
      '\n[dependencies]\ninner = { path = "inner" }\n\n[[bench]]\nname = "speed"\n',
    ),
    'services/other/src/bin/one.rs': EMPTY_MAIN,
    'services/other/inner/Cargo.toml': manifest('inner'),
    'services/other/inner/src/lib.rs': '',
    'services/old/Cargo.toml': manifest('old'),
    'services/old/src/main.rs': EMPTY_MAIN,
    'crates/words/Cargo.toml': manifest('words', '\n[dev-dependencies]\ncheck = { path = "../check" }\n'),
    'crates/words/src/lib.rs': '',
    'crates/gen/Cargo.toml': manifest('gen'),
    'crates/gen/src/lib.rs': '',
    'crates/check/Cargo.toml': manifest('check'),
    'crates/check/src/lib.rs': '',
  };

  it('makes what the service is made of its inputs, and of others only what cargo asks for', async () => {
    const plan = await planned(files, { root: 'services/api' });
    expect(plan.inputs).toEqual([
      'Cargo.lock',
      'Cargo.toml',
      'crates/check/Cargo.toml',
      'crates/gen',
      'crates/words',
      'rust-toolchain.toml',
      'services/other/Cargo.toml',
      'services/other/inner/Cargo.toml',
    ]);
    expect(inputOf(plan)).toMatchObject({
      workspace: '../..',
      stubs: [
        '../other/src/bin/one.rs',
        '../other/benches/speed.rs',
        '../../crates/check/src/lib.rs',
        '../other/inner/src/lib.rs',
      ],
      packages: [
        { folder: '.', name: 'api' },
        { folder: '../../crates/words', name: 'words' },
        { folder: '../../crates/gen', name: 'gen' },
      ],
    });
  });

  it('does not hold what it excludes', async () => {
    const plan = await planned(files, { root: 'services/old' });
    expect(inputOf(plan)).toMatchObject({ workspace: '.', stubs: [] });
    expect(plan.inputs).toEqual(['rust-toolchain.toml']);
  });
});

describe('the steps', () => {
  const files = { 'Cargo.toml': CARGO, 'src/main.rs': EMPTY_MAIN };

  it('fetch with the network and build without', async () => {
    const { steps } = await planned(files);
    expect(steps.map(({ label, network }) => [label, network ?? false])).toEqual([
      ['cargo fetch', true],
      ['cargo build --release --bin api', false],
    ]);
  });

  it("have the project's own targets, and the one that `functions` asks for", async () => {
    const other = process.arch === 'arm64' ? 'x86_64' : 'arm64';
    const plan = await planned(
      { ...files, '.cargo/config.toml': '[build]\ntarget = "x86_64-unknown-linux-musl"\n' },
      { functions: { 'src/*.rs': { architecture: other } } },
    );
    const triple = `${other === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
    expect(inputOf(plan).targets).toEqual(['x86_64-unknown-linux-musl', triple]);
  });

  it('keys of functions without effect are told', async () => {
    const { warnings } = await planned(files, { functions: { 'src/*.rs': { memory: 256 }, 'x.rs': {} } });
    expect(warnings.map(({ code }) => code)).toEqual(['functions-key-unused']);
  });
});
