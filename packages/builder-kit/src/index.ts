export * from './builder.ts';
export * from './tool.ts';
