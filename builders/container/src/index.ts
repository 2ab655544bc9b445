export { containerBuilder } from './builder.ts';
export { ENGINE_NAMES, type EngineChoice, type EngineName } from './input.ts';
