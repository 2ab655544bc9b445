import type { KeptPage } from './kept-page.ts';
import type { PageStore } from './page-store.ts';

/** Milliseconds until a page that could not be made anew is tried again. */
const PATIENCE = 30_000;

/** Where the tags of things that have changed are heard of: `revalidateTag` and `revalidatePath` of frameworks. */
export interface TagEvent {
  readonly service: string | null;
  readonly tags: readonly string[];
}

/** The kept pages of a deployment, and what is being made anew. */
export class PageCache {
  private readonly making = new Map<string, Promise<unknown>>();
  private readonly failedAt = new Map<string, number>();
  private readonly changedAt = new Map<string, number>();

  constructor(
    private readonly store: PageStore,
    /** Milliseconds since 1970. */
    readonly now: () => number,
    /** When what was built began to age. */
    readonly since: number,
  ) {}

  get(key: string): Promise<KeptPage | undefined> {
    return this.store.get(key);
  }

  put(key: string, page: KeptPage): Promise<void> {
    this.failedAt.delete(key);
    return this.store.put(key, page);
  }

  /** Whether nothing that it was made from has changed since. */
  isCurrent(page: KeptPage, service: string | null): boolean {
    return !page.tags.some(tag => (this.changedAt.get(nameOf(service, tag)) ?? -1) >= page.begunAt);
  }

  changed({ service, tags }: TagEvent): void {
    for (const tag of tags) this.changedAt.set(nameOf(service, tag), this.now());
  }

  /** Makes something anew, once for all who ask for it at the same time. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const running = this.making.get(key) as Promise<T> | undefined;
    if (running) return running;
    const made = make().finally(() => this.making.delete(key));
    this.making.set(key, made);
    return made;
  }

  /**
   * The same, but nothing that was begun before: that may have been made from what has changed since. Those who ask meanwhile
   * get the next one together.
   */
  async anew<T>(key: string, make: () => Promise<T>): Promise<T> {
    // How that ends is for those who wait for it.
    await this.making.get(key)?.catch(() => undefined);
    return this.once(key, make);
  }

  isMaking(key: string): boolean {
    return this.making.has(key);
  }

  /** It could not be made anew; what is kept goes on being served for a while before the next try. */
  failed(key: string): void {
    this.failedAt.set(key, this.now());
    if (this.failedAt.size > 10_000) this.failedAt.clear();
  }

  /** Whether a page that has failed lately should be left alone. */
  rests(key: string): boolean {
    const at = this.failedAt.get(key);
    return at !== undefined && this.now() - at < PATIENCE;
  }
}

function nameOf(service: string | null, tag: string): string {
  return `${service ?? ''}\0${tag}`;
}
