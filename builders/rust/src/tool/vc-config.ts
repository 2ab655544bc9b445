import { architectureOf, passedOn } from '@svc/builder-kit';
import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';

/** The function's `.vc-config.json`, with the fields that the vendor writes for Rust (section 5 of the reference). */
export function functionConfig(settings: JsonObject): FunctionOutputConfig {
  return {
    runtime: 'executable',
    handler: 'executable',
    runtimeLanguage: 'rust',
    architecture: architectureOf(settings),
    environment: {},
    supportsResponseStreaming: true,
    ...passedOn(settings),
  };
}
