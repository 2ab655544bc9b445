import type { Builder } from '@svc/builder-kit';
import type { Deployment, Result } from '@svc/contracts';
import type { Fixture } from './fixture.ts';
import { snapshot } from './tree.ts';
import { type Bench, type BuildOptions, buildOn, type Places, setUp, told } from './workbench.ts';

/** A finished build, and what the checkout was before and after it. */
export interface Built {
  readonly bench: Bench;
  readonly deployment: Deployment;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

/** One builder and one fixture. The build that several checks look at is made once. */
export class Trial {
  readonly #benches: Bench[] = [];
  #first: Promise<Built> | undefined;
  readonly #places: () => Places;

  constructor(
    readonly builder: Builder,
    readonly fixture: Fixture,
    places: () => Places,
  ) {
    this.#places = places;
  }

  get places(): Places {
    return this.#places();
  }

  /** The build that the checks look at. */
  first(): Promise<Built> {
    this.#first ??= this.build();
    return this.#first;
  }

  /** A build of its own; it must succeed. */
  async build(): Promise<Built> {
    const bench = await this.bench();
    const before = checkout(bench);
    const result = await this.run(bench);
    if (!result.ok) throw new Error(`the build failed:\n${told(result)}`);
    return { bench, deployment: result.value, before, after: checkout(bench) };
  }

  /** A fresh project, gone at the end of the trial. */
  async bench(): Promise<Bench> {
    const bench = await setUp(this.fixture);
    this.#benches.push(bench);
    return bench;
  }

  run(bench: Bench, options?: BuildOptions): Promise<Result<Deployment>> {
    return buildOn(bench, this.builder, this.fixture, this.places, options);
  }

  async end(): Promise<void> {
    await Promise.all(this.#benches.splice(0).map(bench => bench.discard()));
  }
}

/** Everything in the project that a build has no business with. */
export function checkout(bench: Bench): Map<string, string> {
  return snapshot(bench.project, ['.svc', '.vercel']);
}
