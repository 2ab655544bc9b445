export { mergeRoutes } from './routes.ts';
export { staticBuilder } from './static-builder.ts';
