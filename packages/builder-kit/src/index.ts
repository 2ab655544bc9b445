export * from './builder.ts';
export * from './clean-urls.ts';
export * from './development.ts';
export * from './routes.ts';
export * from './tool.ts';
