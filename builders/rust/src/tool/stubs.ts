import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FetchInput } from '../input.ts';

/**
 * Cargo reads the manifests of all members of a workspace and wants each to have its sources. A step doesn't see those of
 * unrelated services, so empty ones stand in for them; none is ever compiled.
 */
export async function writeStubs({ stubs }: FetchInput, root: string): Promise<void> {
  for (const stub of stubs) {
    const file = join(root, stub);
    // Whatever is there was the project's, or belongs to a service that this one sees.
    if (existsSync(file)) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'fn main() {}\n');
  }
}
