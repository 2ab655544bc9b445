export { rustBuilder } from './builder.ts';
