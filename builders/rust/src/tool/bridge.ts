import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepProgram, lastLines } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, WORK_FOLDER } from '../input.ts';
import { targetTriple } from '../target.ts';
import { run } from './run.ts';
import type { Toolchain } from './toolchain.ts';

const FLAGS: readonly string[] = [
  ...['--edition', '2021', '--crate-name', 'bridge', '--crate-type', 'bin'],
  ...['-C', 'opt-level=2', '-C', 'panic=abort', '-C', 'strip=symbols'],
];

/**
 * Puts svc's own program, which starts the service's the way the platform wants, to its place. rustc compiles it for the
 * service's target, and it is kept in the working copy until its source, the target or rustc changes.
 */
export async function bridgeFor(
  input: BuildInput,
  toolchain: Toolchain,
  root: string,
  program: string,
  source: string,
): Promise<Result<void>> {
  const folder = join(root, WORK_FOLDER, 'bridge');
  const target = targetTriple(input.settings);
  const flags = [...FLAGS, ...(target === null ? [] : ['--target', target])];
  return keepProgram(folder, [source, flags, toolchain.version], program, async kept => {
    await writeFile(join(folder, 'main.rs'), source);
    const end = await run('rustc', [...flags, '-o', kept, 'main.rs'], folder);
    return end.status === 0 ? ok(undefined) : failed(bridgeFailure(end.stderr, target));
  });
}

function bridgeFailure(stderr: string, target: string | null): Failure {
  const first = stderr.split('\n').find(line => line.trim() !== '');
  const isTargetMissing = target !== null && /target may not be installed/.test(stderr);
  return {
    code: 'tool-missing',
    message: isTargetMissing
      ? `the Rust found cannot build for ${target}`
      : `rustc cannot make a small program: ${first?.replace(/^error(?:\[\w+\])?: /, '') ?? ''}`,
    help: isTargetMissing
      ? `Install the target: rustup target add ${target}`
      : 'Rust 1.65 or newer and a C compiler, which Rust links with, are needed (Debian: apt install build-essential).',
    output: lastLines(stderr),
  };
}
