import { type Style, servicePaint, styleFor } from '@svc/reporters';

/** Puts services' names before their lines: padded to one width, each in its own colour. */
export class Painter {
  readonly style: Style;
  /** Where the project answers. */
  url = '';
  private names: string[] = [];

  constructor(readonly color: boolean) {
    this.style = styleFor(color);
  }

  learn(names: readonly string[]): void {
    for (const name of names) if (!this.names.includes(name)) this.names.push(name);
  }

  /** `[web]   ` */
  prefix(name: string | null): string {
    const shown = name ?? 'svc';
    if (name !== null) this.learn([name]);
    const width = Math.max(3, ...this.names.map(each => each.length));
    const paint = name === null ? this.style.dim : servicePaint(this.style, this.names.indexOf(name));
    return `${paint(`[${shown}]`)}${' '.repeat(width - shown.length + 1)}`;
  }
}
