export { staticBuilder } from './static-builder.ts';
