import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ContractError } from '../host/errors.ts';
import { type FunctionFolder, writeFunction } from './function.ts';
import type { Prerender } from './shapes.ts';
import { extensionOf } from './static-file.ts';

/**
 * Writes a prerendered answer: the function that makes it anew, the answer of the build beside it, and when each counts
 * (`X.prerender-config.json`, section 5 of the services reference).
 */
export async function writePrerender(to: FunctionFolder, name: string, output: Prerender): Promise<void> {
  const { lambda, fallback, ...config } = output;
  if (!lambda)
    throw new ContractError(
      `it returned the prerendered page "${name}" without the function that renders it`,
    );
  await writeFunction(to, name, lambda);
  const kept = fallback && `${name}.prerender-fallback${extensionOf(fallback)}`;
  if (fallback && kept) await to.writer.write(fallback, join(to.folder, kept));
  const shown = kept ? { type: 'FileFsRef', mode: fallback?.mode ?? 0o100644, fsPath: basename(kept) } : kept;
  const whole = { ...config, ...(fallback === undefined ? {} : { fallback: shown }) };
  await writeFile(join(to.folder, `${name}.prerender-config.json`), `${JSON.stringify(whole, null, 2)}\n`);
}
