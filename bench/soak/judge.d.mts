/** See judge.mjs. */
export interface Run {
  readonly samples: readonly {
    readonly heap: number;
    readonly resident: number;
    readonly files: number;
    readonly processes: number;
  }[];
  readonly counts: {
    readonly right: number;
    readonly lost: number;
    readonly crashes: number;
    readonly fewestCrashes: number;
    readonly mostCrashes: number;
    readonly left: number;
    readonly leftInFunction: { readonly begun: number; readonly left: number };
    readonly pages: number;
  };
  readonly wrong: readonly string[];
  readonly before: Rest;
  readonly after: Rest;
  readonly stopped: {
    readonly code: number | string;
    readonly survivors: readonly (string | number)[];
    readonly temporary: readonly string[];
  };
}

interface Rest {
  readonly files: number;
  readonly processes: number;
  readonly temporary: number;
}

export function judge(
  run: Run,
): readonly { readonly name: string; readonly isGood: boolean | null; readonly text: string }[];
