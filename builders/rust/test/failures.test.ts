import { join } from 'node:path';
import type { Files, ServiceFixture } from '@svc/builder-kit/test-support';
import { describe, expect, it } from 'vitest';
import { lockfile, manifest, SERVER } from './support/programs.ts';
import { WITHOUT_RUST, workshop } from './support/workshop.ts';

const { project } = workshop();

const FILES: Files = { 'Cargo.toml': manifest('api'), 'Cargo.lock': lockfile('api'), 'src/main.rs': SERVER };

async function failuresOf(
  files: Files,
  fixture: Partial<ServiceFixture> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const result = await (await project(files)).build(fixture, env);
  if (result.ok) throw new Error('it was built');
  return result.failures;
}

it('no Rust at all: what to install', async () => {
  expect(await failuresOf(FILES, {}, { PATH: join('/', 'nothing') })).toMatchObject([
    {
      code: 'tool-missing',
      message: 'cargo is not on this machine, and this service is written in Rust',
      help: expect.stringContaining('https://rustup.rs'),
    },
  ]);
});

describe.skipIf(WITHOUT_RUST)('what cannot be built', () => {
  it.each([
    ['rust-toolchain.toml', '[toolchain]\ncomponents = []\nchannel = "1.40.0"\n', 3],
    ['rust-toolchain', '1.40.0\n', 1],
  ])('another toolchain than %s asks for: what was found', async (file, text, line) => {
    const failures = await failuresOf(
      { ...FILES, [`svc/${file}`]: text, ...below('svc', FILES) },
      { root: 'svc' },
    );
    expect(failures).toMatchObject([
      {
        code: 'tool-missing',
        message: expect.stringMatching(/asks for the Rust toolchain 1\.40\.0, and found is: .*\d/),
        help: expect.stringContaining('rustup toolchain install 1.40.0'),
        position: { file: `svc/${file}`, line },
      },
    ]);
  });

  it('a newer Rust than there is: the line that asks for it, inherited or not', async () => {
    const asked = {
      code: 'tool-missing',
      message: expect.stringMatching(/needs Rust 1\.999, .* found is 1\.\d+/),
    };
    const own = { ...FILES, 'Cargo.toml': manifest('api', 'rust-version = "1.999"\n') };
    expect(await failuresOf(own)).toMatchObject([{ ...asked, position: { file: 'Cargo.toml', line: 5 } }]);
    const inherited = {
      'Cargo.toml': '[workspace]\nmembers = ["api"]\n\n[workspace.package]\nrust-version = "1.999"\n',
      'Cargo.lock': lockfile('api'),
      'api/Cargo.toml': manifest('api', 'rust-version.workspace = true\n'),
      'api/src/main.rs': SERVER,
    };
    expect(await failuresOf(inherited, { root: 'api' })).toMatchObject([
      { ...asked, position: { file: 'Cargo.toml', line: 5 } },
    ]);
  });

  it('compile errors have their places, in the service and in what it depends on', async () => {
    const files = {
      'Cargo.toml': '[workspace]\nmembers = ["svc/api"]\n',
      'Cargo.lock': lockfile('api'),
      'svc/api/Cargo.toml': manifest('api'),
      'svc/api/src/main.rs':
        'mod words;\n\nfn main() {\n    let größe: u32 = words::GREETING; undefined();\n}\n',
      'svc/api/src/words.rs': 'pub const GREETING: &str = "hello";\n',
    };
    expect(await failuresOf(files, { root: 'svc/api' })).toMatchObject([
      {
        code: 'build-failed',
        message: 'mismatched types (expected `u32`, found `&str`) [E0308]',
        position: {
          file: 'svc/api/src/main.rs',
          line: 4,
          column: 22,
          lineText: expect.stringContaining('größe'),
        },
      },
      {
        code: 'build-failed',
        message: 'cannot find function `undefined` in this scope [E0425]',
        position: { file: 'svc/api/src/main.rs', line: 4, column: 39 },
      },
    ]);
    const outside = {
      'api/Cargo.toml': manifest('api', '\n[dependencies]\nwords = { path = "../words" }\n'),
      'api/src/main.rs': SERVER,
      'words/Cargo.toml': manifest('words'),
      'words/src/lib.rs': 'pub fn broken( {}\n',
    };
    expect(await failuresOf(outside, { root: 'api' })).toMatchObject([
      { code: 'build-failed', position: { file: 'words/src/lib.rs', line: 1 } },
    ]);
  });

  it('a crate that the manifest does not list: how to add it', async () => {
    const [failure] = await failuresOf({ ...FILES, 'src/main.rs': 'use axum::Router;\n\nfn main() {}\n' });
    expect(failure).toMatchObject({
      code: 'build-failed',
      help: expect.stringContaining('cargo add axum'),
      position: { file: 'src/main.rs', line: 1, column: 5 },
    });
  });

  it('no linker, or no standard library for the processor that is asked for: what to install', async () => {
    const host = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
    const linkerless = { ...FILES, '.cargo/config.toml': `[target.${host}]\nlinker = "no-such-cc"\n` };
    expect(await failuresOf(linkerless)).toMatchObject([
      {
        code: 'tool-missing',
        message: 'linker `no-such-cc` not found',
        help: expect.stringContaining('C compiler'),
      },
    ]);
    const architecture = process.arch === 'arm64' ? 'x86_64' : 'arm64';
    const [failure] = await failuresOf(FILES, { functions: { 'src/main.rs': { architecture } } });
    expect(failure?.help).toMatch(/rustup target add (aarch64|x86_64)-unknown-linux-gnu/);
  });

  it('a build script that fails: its last lines', async () => {
    const files = { ...FILES, 'build.rs': 'fn main() { panic!("libfoo is missing") }\n' };
    const [failure] = await failuresOf(files);
    expect(failure).toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('custom build command'),
    });
    expect(failure?.output?.join('\n')).toContain('libfoo is missing');
  });

  it('a lockfile that does not fit the manifest', async () => {
    const files = { ...FILES, 'Cargo.toml': manifest('api', '\n[dependencies]\nitoa = "1"\n') };
    expect(await failuresOf(files)).toMatchObject([
      {
        code: 'install-failed',
        message: expect.stringContaining('Cargo.lock does not fit Cargo.toml'),
        help: 'Run `cargo update --workspace` and commit Cargo.lock.',
        position: { file: 'Cargo.lock' },
      },
    ]);
  });

  it.each([
    [
      'surely-no-crate-of-this-name = "1"',
      'there is no package surely-no-crate-of-this-name in the registry',
    ],
    ['itoa = "99"', expect.stringMatching(/^no version of itoa fits \^99: there are 1\./)],
    ['itoa = { version = "1", features = ["absent"] }', expect.stringMatching(/itoa has no feature absent/)],
    ['words = { path = "../words" }', expect.stringContaining('words')],
  ])('a dependency that does not exist: %s', async (line, message) => {
    const { 'Cargo.lock': _, ...rest } = FILES;
    const files = { ...rest, 'Cargo.toml': manifest('api', `\n[dependencies]\n${line}\n`) };
    expect(await failuresOf(files)).toMatchObject([
      {
        code: 'install-failed',
        message,
        position: { file: 'Cargo.toml', line: 7, column: 1, lineText: line },
      },
    ]);
  });

  it('a key that cargo does not understand: its place', async () => {
    const files = { ...FILES, 'Cargo.toml': manifest('api').replace('2021', '2999') };
    const [failure] = await failuresOf(files);
    expect(failure).toMatchObject({ code: 'install-failed', position: { file: 'Cargo.toml', line: 4 } });
    expect(failure?.message).toContain('2999');
  });
});

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
