export { pythonBuilder } from './builder.ts';
