export type { Answer, Check, Conformance, ExpectedFailure, Fixture, Question } from './fixture.ts';

/** The declaration of what `svc/builder-kit/conformance` exports; the command line's bundle brings the value. */
export declare const conformance: import('./fixture.ts').Conformance;
