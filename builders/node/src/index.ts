export { nodeBuilder } from './builder.ts';
