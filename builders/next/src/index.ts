export { nextBuilder } from './builder.ts';
