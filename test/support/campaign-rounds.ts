import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './cache-edits.ts';
import type { World } from './campaign-project.ts';

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What happens between builds beside edits: what a machine, a person or a cleaner does to what svc has left. */
export function mishap(world: World, random: () => number): string {
  const { folder, project } = world;
  const output = join(folder, '.vercel/output');
  const chance = random();
  if (chance < 0.15) {
    rmSync(output, { recursive: true, force: true });
    return ', the deployment gone';
  }
  if (chance < 0.2) {
    rmSync(join(folder, '.svc'), { recursive: true, force: true });
    return ', .svc gone';
  }
  if (chance < 0.25) {
    const page = join(output, 'services/site/static/src/tampered.txt');
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, 'tampered');
    return ', the deployment tampered with';
  }
  if (chance < 0.3) {
    const blobs = filesBelow(join(project.env.SVC_CACHE_DIR ?? '', 'v1/blobs'));
    for (const blob of blobs.filter(() => random() < 0.2)) {
      const content = readFileSync(blob);
      if (content.length > 0) content[0] = (content[0] ?? 0) ^ 1;
      writeFileSync(blob, content);
    }
    return ', content of the cache damaged';
  }
  return '';
}

/** The same checkout elsewhere, without anything that svc has left in it. */
export function copyOf({ folder }: World, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const left = [join(folder, '.svc'), join(folder, '.vercel')];
  cpSync(folder, to, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: path => !left.includes(path),
  });
}
