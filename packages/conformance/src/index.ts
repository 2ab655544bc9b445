export type { Answer, Check, Conformance, ExpectedFailure, Fixture, Question } from './fixture.ts';
export { conformanceAt, type Places } from './suite.ts';
