import { type LaidOut, layOutKept } from '@svc/assembler';

/** The part of the new deployment that is known before anything is built, laid out while svc waits for the first steps. */
export class Ahead {
  #laidOut: Promise<LaidOut | undefined> | undefined;

  /** @param intact services whose output stays as it is. */
  constructor(
    private readonly target: string,
    readonly intact: ReadonlySet<string>,
  ) {}

  start(): void {
    if (this.intact.size === 0) return;
    this.#laidOut = layOutKept(this.target, this.intact);
    // Whoever awaits it hears of errors.
    this.#laidOut.catch(() => undefined);
  }

  /** Undefined where it was never begun, or could not be done. */
  async result(): Promise<LaidOut | undefined> {
    return this.#laidOut;
  }

  /** True when there was something to discard. */
  async discard(): Promise<boolean> {
    if (!this.#laidOut) return false;
    await (await this.#laidOut)?.discard();
    return true;
  }
}
