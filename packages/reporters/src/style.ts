export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
}

export function styleFor(color: boolean): Style {
  const paint = (on: number, off: number): Paint =>
    color ? text => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`) : text => text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
  };
}

/** The same colour for the same service in a run, different ones for neighbours. */
export function servicePaint(style: Style, index: number): Paint {
  const paints = [style.cyan, style.magenta, style.yellow, style.blue, style.green];
  return paints[Math.max(0, index) % paints.length] ?? style.cyan;
}
