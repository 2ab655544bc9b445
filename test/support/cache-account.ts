import { TYPICAL, WATCHFUL } from './campaign-project.ts';

type Tree = Readonly<Record<string, string>>;

interface Count {
  /** Services that were built after an edit. */
  built: number;
  /** Those of them whose output was the same as before. */
  inVain: number;
  /** Services that were looked at. */
  all: number;
}

/** Keeps count of a campaign: what was wrong, and what was built in vain. */
export class Account {
  readonly stale: string[] = [];
  readonly #counts: Record<'watchful' | 'typical', Count> = {
    watchful: { built: 0, inVain: 0, all: 0 },
    typical: { built: 0, inVain: 0, all: 0 },
  };
  #rounds = 0;
  #before: Tree | undefined;

  /** One round: what was done, what became of each service, the tree that came of it, and that of a clean build. */
  add(what: string, states: Readonly<Record<string, string>> | 'unchanged', cached: Tree, clean: Tree): void {
    const wrong = differences(cached, clean);
    if (wrong.length > 0) {
      this.stale.push(`after edit ${this.#rounds} (${what}): ${wrong.slice(0, 5).join('; ')}`);
      console.log(`STALE ${this.stale.at(-1)}`);
    }
    const before = this.#before;
    if (before) {
      this.#rounds++;
      this.#countGroup('watchful', WATCHFUL, states, before, clean);
      this.#countGroup('typical', TYPICAL, states, before, clean);
    }
    this.#before = clean;
  }

  summary(): string {
    const { watchful, typical } = this.#counts;
    return `${this.stale.length} stale, in vain ${watchful.inVain}/${watchful.built} and ${typical.inVain}/${typical.built}`;
  }

  /**
   * The over-invalidation rate is the share of services built after an edit whose output was then the same as before, of all
   * that were built.
   */
  report(): string {
    const { watchful, typical } = this.#counts;
    const all = {
      built: watchful.built + typical.built,
      inVain: watchful.inVain + typical.inVain,
      all: watchful.all + typical.all,
    };
    return [
      `${this.#rounds} edits, ${this.stale.length} stale results.`,
      `Over-invalidation (built although the output stayed the same, of all that were built): ${rate(all)};`,
      `services that look at everything they can see ${rate(watchful)}, typical ones ${rate(typical)}`,
    ].join('\n');
  }

  #countGroup(
    group: 'watchful' | 'typical',
    names: readonly string[],
    states: Readonly<Record<string, string>> | 'unchanged',
    before: Tree,
    now: Tree,
  ): void {
    const count = this.#counts[group];
    for (const name of names) {
      count.all++;
      if (states === 'unchanged' || states[name] !== 'built') continue;
      count.built++;
      if (differences(partOf(before, name), partOf(now, name)).length === 0) count.inVain++;
    }
  }
}

function rate({ built, inVain, all }: Count): string {
  const share = built === 0 ? 0 : (100 * inVain) / built;
  return `${share.toFixed(1)} % (${inVain} of ${built} built, of ${all} looked at)`;
}

function partOf(tree: Tree, service: string): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith(`services/${service}/`)));
}

/** Paths at which two trees differ, with what is there. */
function differences(one: Tree, other: Tree): string[] {
  const paths = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return paths
    .filter(path => one[path] !== other[path])
    .map(path => {
      const [a = '(absent)', b = '(absent)'] = [one[path], other[path]];
      let at = 0;
      while (at < a.length && a[at] === b[at]) at++;
      const part = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 100));
      return `${path}: cached ${part(a)}, clean ${part(b)}`;
    });
}
