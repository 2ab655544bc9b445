import { dirname, join, relative } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { readIfThere, tableAt } from '@svc/builder-kit';
import { type Failure, failed, ok, type Position, type Result } from '@svc/contracts';
import type { FetchInput } from '../input.ts';
import { parseCargoToml } from '../manifest/parse.ts';
import { run } from './run.ts';
import { shownPath } from './shown-path.ts';

export interface Toolchain {
  /** Such as `1.95.0` or `1.97.0-nightly`. */
  readonly release: string;
  /** Everything that rustc says about itself. */
  readonly version: string;
  readonly commit: string;
  /** The building machine's triple. */
  readonly host: string;
  readonly sysroot: string;
}

interface Wish {
  readonly channel: string;
  readonly position: Position;
}

/**
 * The toolchain in force where cargo will run, checked against `rust-toolchain.toml` (or `rust-toolchain`) and against
 * `rust-version` in the manifest before anything runs.
 *
 * Failures: `tool-missing` (no cargo, another toolchain than asked for, an older one than `rust-version`).
 */
export async function findToolchain(
  input: FetchInput,
  context: Pick<ToolContext, 'root' | 'boundary'>,
): Promise<Result<Toolchain>> {
  const folder = join(context.root, input.folder);
  const wish = await toolchainWish(input, folder, context);
  const asked = await run('rustc', ['-vV'], folder, {}, { shown: false });
  if (asked.startError) return failed(missingRust(asked.startError));
  if (asked.status !== 0) return failed(await refused(asked.stderr, wish, folder));
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(asked.stdout)?.[1] ?? '';
  const release = field('release');
  if (wish && !fits(release, wish.channel)) return failed(otherToolchain(wish, `Rust ${release}`));
  const tooOld = await olderThanAsked(input, folder, context, release);
  if (tooOld) return failed(tooOld);
  const sysroot = await run('rustc', ['--print', 'sysroot'], folder, {}, { shown: false });
  return ok({
    release,
    version: asked.stdout,
    commit: field('commit-hash'),
    host: field('host'),
    sysroot: sysroot.stdout.trim(),
  });
}

export function missingRust(error: NodeJS.ErrnoException): Failure {
  return {
    code: 'tool-missing',
    message:
      error.code === 'ENOENT'
        ? 'cargo is not on this machine, and this service is written in Rust'
        : `Rust could not be started: ${error.message}`,
    help: 'Install Rust (https://rustup.rs) so that `cargo` and `rustc` are on PATH.',
  };
}

/** The nearest toolchain file wins, as it does for rustup. */
async function toolchainWish(
  input: FetchInput,
  from: string,
  { root, boundary }: Pick<ToolContext, 'root' | 'boundary'>,
): Promise<Wish | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of ['rust-toolchain', 'rust-toolchain.toml']) {
      const text = await readIfThere(join(folder, name));
      if (text === undefined) continue;
      const file = shownPath(input.root, root, join(folder, name));
      const channel = channelIn(text, file);
      if (channel === undefined) return undefined;
      const lines = text.split('\n');
      const index = Math.max(
        0,
        lines.findIndex(line => line.includes(channel)),
      );
      const lineText = lines[index] ?? '';
      const column = lineText.indexOf(channel) + 1;
      return { channel, position: { file, line: index + 1, column, lineText } };
    }
    if (folder === boundary || relative(boundary, folder).startsWith('..')) return undefined;
  }
}

/** A file of one line names the channel; else `toolchain.channel` does. Toolchains that are folders are taken as they are. */
function channelIn(text: string, file: string): string | undefined {
  if (/^\s*[^\s[=]+\s*$/.test(text)) return text.trim();
  const parsed = parseCargoToml(text, file);
  const channel = parsed.ok ? tableAt(parsed.value, 'toolchain').channel : undefined;
  return typeof channel === 'string' ? channel : undefined;
}

/** Without rustup the file has no effect, so what runs must be of that channel by itself. */
function fits(release: string, channel: string): boolean {
  const [, version, kind] = /^(\d+\.\d+(?:\.\d+)?)?-?(stable|beta|nightly)?/.exec(channel) ?? [];
  if (version !== undefined) return release === version || release.startsWith(`${version}.`);
  if (kind === 'stable') return !release.includes('-');
  return kind === undefined || release.includes(kind);
}

async function refused(stderr: string, wish: Wish | undefined, folder: string): Promise<Failure> {
  if (wish && /is not installed/.test(stderr)) {
    const listed = await run('rustup', ['toolchain', 'list'], folder, {}, { shown: false });
    const names = listed.stdout
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '');
    return otherToolchain(wish, names.length > 0 ? names.join(', ') : 'none');
  }
  return {
    code: 'tool-missing',
    message: `rustc does not work: ${stderr
      .trim()
      .split('\n')[0]
      ?.replace(/^error: /, '')}`,
    help: 'Run `rustc -vV` in the service to see why.',
    ...(wish ? { position: wish.position } : {}),
  };
}

function otherToolchain({ channel, position }: Wish, found: string): Failure {
  return {
    code: 'tool-missing',
    message: `the service asks for the Rust toolchain ${channel}, and found is: ${found}`,
    help: `Install it (rustup toolchain install ${channel}), or change the channel in ${position.file}.`,
    position,
  };
}

async function olderThanAsked(
  input: FetchInput,
  folder: string,
  { root }: Pick<ToolContext, 'root'>,
  release: string,
): Promise<Failure | undefined> {
  const own = join(folder, 'Cargo.toml');
  const asks = await rustVersionIn(own, ['package']);
  const asked =
    asks === 'inherited'
      ? await rustVersionIn(join(root, input.workspace, 'Cargo.toml'), ['workspace', 'package'])
      : asks;
  if (typeof asked !== 'object' || !isOlder(release, asked.version)) return undefined;
  const { version, file, line, column, lineText } = asked;
  return {
    code: 'tool-missing',
    message: `the package needs Rust ${version}, and the Rust found is ${release}`,
    help: `Install Rust ${version} or newer (rustup update), or lower rust-version in Cargo.toml.`,
    position: { file: shownPath(input.root, root, file), line, column, lineText },
  };
}

async function rustVersionIn(file: string, keys: readonly string[]) {
  const text = await readIfThere(file);
  const parsed = parseCargoToml(text ?? '', file);
  const value = parsed.ok ? tableAt(parsed.value, ...keys)['rust-version'] : undefined;
  if (typeof value === 'object' && value !== null) return 'inherited';
  if (typeof value !== 'string') return undefined;
  const lines = (text ?? '').split('\n');
  const index = Math.max(
    0,
    lines.findIndex(line => /^\s*rust-version\b/.test(line)),
  );
  const lineText = lines[index] ?? '';
  return { version: value, file, line: index + 1, column: lineText.indexOf(value) + 1, lineText };
}

function isOlder(release: string, asked: string): boolean {
  const numbers = (version: string) => (version.split('-')[0] ?? '').split('.').map(Number);
  const [found, wanted] = [numbers(release), numbers(asked)];
  for (let at = 0; at < 3; at++) {
    const difference = (found[at] ?? 0) - (wanted[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
