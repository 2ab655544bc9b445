/** A project with one service that cannot be built (or several), beside one that can. */
export interface FailingProject {
  /** What is wrong, in a few words: the name of the test and the heading in `messages.md`. */
  readonly name: string;
  /** Programs that must be installed here for the failure to be the one that is meant. */
  readonly needs?: readonly string[];
  /** Files of the project besides `site/index.html`; `vercel.json` is made of `service`. Objects are written as JSON. */
  readonly files: Readonly<Record<string, string | object>>;
  /** The settings of the failing service, `api`; its root is `api`. */
  readonly service?: object;
  /** What the surroundings contribute: variables for svc, and what is to be stopped afterwards. */
  readonly surroundings?: (project: string) => Promise<Surroundings>;
  /** Arguments of `svc build`. */
  readonly args?: readonly string[];
  readonly expected: Expected;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

export interface Expected {
  readonly exit: 10 | 20 | 30;
  /** One for each failure, in any order. */
  readonly failures: readonly ExpectedFailure[];
  /** Whether the other service is built: not when planning has failed. */
  readonly otherIsBuilt: boolean;
}

export interface ExpectedFailure {
  readonly code: string;
  /** The cause: words that the message has. */
  readonly cause: RegExp;
  /** The way out: words that the help has. A mistake in a line of code needs none beside its place. */
  readonly wayOut?: RegExp;
  /** The file that has to be changed, as `FILE` or `FILE:LINE`: a position, or named in the message or the help. */
  readonly file?: string;
}
