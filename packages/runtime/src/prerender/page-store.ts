import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptPage } from './kept-page.ts';

export interface StoreLimits {
  /** Bytes of bodies in memory. */
  readonly memory: number;
  /** Bytes of bodies on disk. */
  readonly disk: number;
  readonly pages: number;
}

export const USUAL_LIMITS: StoreLimits = { memory: 64 * 1024 ** 2, disk: 1024 ** 3, pages: 50_000 };

interface Slot {
  readonly page: Omit<KeptPage, 'body'>;
  readonly size: number;
  /** Null while the body is only on disk. */
  body: Buffer | null;
  file: string | null;
}

/**
 * Keeps pages: those that were asked for last in memory, others in files, the oldest not at all. Bounded in every way,
 * since visitors choose the addresses.
 */
export class PageStore {
  private readonly slots = new Map<string, Slot>();
  private memory = 0;
  private disk = 0;
  private nextFile = 0;
  private shrinking = Promise.resolve();
  private folderMade: Promise<string> | undefined;

  /** @param folder a path for the files, which nothing else uses. Made when it is first needed. */
  constructor(
    private readonly folder: () => Promise<string>,
    private readonly limits: StoreLimits = USUAL_LIMITS,
  ) {}

  async get(key: string): Promise<KeptPage | undefined> {
    const slot = this.slots.get(key);
    if (!slot) return undefined;
    this.slots.delete(key);
    this.slots.set(key, slot);
    const body = slot.body ?? (await this.load(key, slot));
    return body === undefined ? undefined : { ...slot.page, body };
  }

  async put(key: string, { body, ...page }: KeptPage): Promise<void> {
    // Another page may be put in this place while a file is being removed.
    const removed = this.delete(key);
    this.slots.set(key, { page, size: body.length, body, file: null });
    this.memory += body.length;
    await removed;
    await this.shrink();
  }

  async delete(key: string): Promise<void> {
    const slot = this.slots.get(key);
    if (!slot) return;
    this.slots.delete(key);
    if (slot.body) this.memory -= slot.size;
    if (slot.file === null) return;
    this.disk -= slot.size;
    await rm(slot.file, { force: true });
  }

  private async load(key: string, slot: Slot): Promise<Buffer | undefined> {
    try {
      const body = await readFile(slot.file ?? '');
      if (body.length === slot.size) return body;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    // Somebody has cleaned the folder for temporary files: it can be made anew.
    if (this.slots.get(key) === slot) await this.delete(key);
    return undefined;
  }

  /** One at a time, for it looks at sums that it changes. */
  private shrink(): Promise<void> {
    this.shrinking = this.shrinking.then(() => this.shrinkNow());
    return this.shrinking;
  }

  /** The oldest go to disk, and the very oldest go. */
  private async shrinkNow(): Promise<void> {
    for (const [key, slot] of this.slots) {
      if (this.memory <= this.limits.memory) break;
      if (slot.body) await this.moveToDisk(key, slot, slot.body);
    }
    for (const [key] of this.slots) {
      if (this.disk <= this.limits.disk && this.slots.size <= this.limits.pages) return;
      await this.delete(key);
    }
  }

  private async moveToDisk(key: string, slot: Slot, body: Buffer): Promise<void> {
    this.folderMade ??= this.folder().then(async folder => {
      await mkdir(folder, { recursive: true });
      return folder;
    });
    const file = join(await this.folderMade, String(this.nextFile++));
    await writeFile(file, body);
    if (this.slots.get(key) !== slot) {
      await rm(file, { force: true });
      return;
    }
    slot.file = file;
    slot.body = null;
    this.memory -= slot.size;
    this.disk += slot.size;
  }
}
