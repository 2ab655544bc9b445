export * from './builder.ts';
export * from './routes.ts';
export * from './tool.ts';
