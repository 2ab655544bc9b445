export * from './char-set.ts';
export * from './classes.ts';
