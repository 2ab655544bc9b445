import { join, posix } from 'node:path';
import { readIfThere, tableAt, textsIn } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import { parseCargoToml } from '../manifest/parse.ts';

export interface CargoSettings {
  /** Settings and toolchain files that cargo reads in a folder and those above it; relative to the boundary. */
  readonly files: readonly string[];
  /** What `build.target` names. */
  readonly targets: readonly string[];
}

const NAMES = ['.cargo/config.toml', '.cargo/config', 'rust-toolchain.toml', 'rust-toolchain'];

/** What steers cargo beside manifests. Failure: `entrypoint-invalid` for broken TOML. */
export async function cargoSettings(
  boundary: string,
  folder: string,
  shown: (path: string) => string,
): Promise<Result<CargoSettings>> {
  const files: string[] = [];
  let targets: string[] | undefined;
  for (let current = folder; ; current = posix.dirname(current)) {
    for (const name of NAMES) {
      const path = posix.join(current, name);
      const text = await readIfThere(join(boundary, path));
      if (text === undefined) continue;
      files.push(path);
      if (!name.startsWith('.cargo/')) continue;
      const parsed = parseCargoToml(text, shown(path));
      if (!parsed.ok) return parsed;
      // The nearest folder's setting wins.
      const { target } = tableAt(parsed.value, 'build');
      targets ??= typeof target === 'string' ? [target] : Array.isArray(target) ? textsIn(target) : undefined;
    }
    if (current === '.') return ok({ files, targets: targets ?? [] });
  }
}
