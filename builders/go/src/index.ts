export { goBuilder } from './builder.ts';
