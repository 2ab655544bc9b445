import type { LastLines } from './last-lines.ts';

/** Milliseconds after which a service that accepts no requests is named. The first is soon enough to be in mind still. */
const TOLD_AFTER = [1_500, 10_000, 30_000, 60_000, 300_000];

/** Tells of a service that was started and does not accept requests. */
export class SlowStart {
  private timer: NodeJS.Timeout | undefined;
  private told = 0;
  private readonly began = performance.now();

  constructor(
    private readonly port: number,
    private readonly isContainer: boolean,
    private readonly lines: LastLines,
    private readonly tell: (waited: number, message: string) => void,
  ) {
    this.next();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private next(): void {
    const at = TOLD_AFTER[this.told++];
    if (at === undefined) return;
    this.timer = setTimeout(
      () => {
        const waited = performance.now() - this.began;
        const last = this.lines.last.at(-1);
        const said = last === undefined ? 'it has written nothing' : `its last line: ${last}`;
        const where = this.isContainer ? ' of the container on all its addresses (0.0.0.0)' : '';
        const message = `it does not accept requests yet, after ${Number((waited / 1000).toFixed(1))} s: nothing listens on its PORT, ${this.port}${where} (${said})`;
        this.tell(waited, message);
        this.next();
      },
      at - (performance.now() - this.began),
    );
  }
}
