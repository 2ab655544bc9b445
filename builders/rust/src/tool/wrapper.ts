import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, posix, relative } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { type FetchInput, WORK_FOLDER } from '../input.ts';
import type { Toolchain } from './toolchain.ts';

/** What stands for the project's boundary in everything that is compiled, messages included. */
export const REMAPPED_BOUNDARY = '/project';

/**
 * Writes the program that cargo calls in place of rustc: it adds what keeps paths of this machine out of what is compiled.
 * Flags in `RUSTFLAGS` or `--config` would replace those of the project's own `.cargo/config.toml`, and would enter the
 * names that cargo gives to everything. A wrapper that the caller has set is called in turn.
 *
 * @returns the wrapper's absolute path.
 */
export async function writeWrapper(
  toolchain: Toolchain,
  input: FetchInput,
  { root, boundary }: Pick<ToolContext, 'root' | 'boundary'>,
): Promise<string> {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const remapped: readonly (readonly [string, string])[] = [
    [`${toolchain.sysroot}/lib/rustlib/src/rust`, `/rustc/${toolchain.commit}`],
    [cargoHome, '/cargo'],
    [boundary, REMAPPED_BOUNDARY],
  ];
  const flags = remapped.map(([from, to]) => `--remap-path-prefix=${quote(`${from}=${to}`)}`);
  const inner = process.env.RUSTC_WRAPPER;
  const command = inner === undefined || inner === '' ? '"$@"' : `${quote(inner)} "$@"`;
  const text = `#!/bin/sh\n${stableNames(input, root, boundary)}exec ${command} ${flags.join(' ')}\n`;
  const file = join(root, WORK_FOLDER, 'rustc');
  await mkdir(join(root, WORK_FOLDER), { recursive: true });
  // Built in place, the folder lies in the checkout and is no source.
  await writeFile(join(root, WORK_FOLDER, '.gitignore'), '*\n');
  // Rewriting it would make cargo ask rustc for everything again.
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
  return file;
}

/**
 * Cargo tells crates of the same name apart by a hash (`-C metadata`), which for a package outside the workspace's folder is
 * one of its absolute path, and goes on into all that depend on it. Order and names of what rustc makes follow from it, so
 * such a project's packages are told apart by their place in the project instead.
 */
function stableNames({ packages, workspace }: FetchInput, root: string, boundary: string): string {
  const isOutside = (folder: string) => /^\.\.(?:\/|$)/.test(posix.relative(workspace, folder));
  if (!packages.some(({ folder }) => isOutside(folder))) return '';
  const cases = packages.map(({ folder }) => {
    const absolute = join(root, folder);
    return `  ${quote(absolute)}) name=${quote(relative(boundary, absolute) || '.')} ;;`;
  });
  return `name=
case "$CARGO_MANIFEST_DIR" in
${cases.join('\n')}
esac
if [ -n "$name" ]; then
  left=$#
  while [ "$left" -gt 0 ]; do
    argument=$1
    shift
    case "$argument" in metadata=*) argument="metadata=$name" ;; esac
    set -- "$@" "$argument"
    left=$((left - 1))
  done
fi
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
