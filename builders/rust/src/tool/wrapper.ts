import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { WORK_FOLDER } from '../input.ts';
import type { Toolchain } from './toolchain.ts';

/**
 * Writes the program that cargo calls in place of rustc: it adds what keeps paths of this machine out of what is compiled.
 * Flags in `RUSTFLAGS` or `--config` would replace those of the project's own `.cargo/config.toml`, and would enter the
 * names that cargo gives to everything. A wrapper that the caller has set is called in turn.
 *
 * @returns the wrapper's absolute path.
 */
export async function writeWrapper(
  toolchain: Toolchain,
  { root, boundary }: Pick<ToolContext, 'root' | 'boundary'>,
): Promise<string> {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const remapped: readonly (readonly [string, string])[] = [
    [`${toolchain.sysroot}/lib/rustlib/src/rust`, `/rustc/${toolchain.commit}`],
    [cargoHome, '/cargo'],
    [boundary, '/project'],
  ];
  const flags = remapped.map(([from, to]) => `--remap-path-prefix=${quote(`${from}=${to}`)}`);
  const inner = process.env.RUSTC_WRAPPER;
  const command = inner === undefined || inner === '' ? '"$@"' : `${quote(inner)} "$@"`;
  const text = `#!/bin/sh\nexec ${command} ${flags.join(' ')}\n`;
  const file = join(root, WORK_FOLDER, 'rustc');
  await mkdir(join(root, WORK_FOLDER), { recursive: true });
  // Rewriting it would make cargo ask rustc for everything again.
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
  return file;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
