import type { FunctionOutputConfig, JsonObject, Notice, ServiceConfig } from '@svc/contracts';
import picomatch from 'picomatch';

/** What a function may be called by in `functions`: its source file, and in some languages a shorter name as well. */
export type FunctionNames = readonly [file: string, ...others: string[]];

/** Whether a key of `functions` means this file: equal to it, or a glob that it matches. */
export function matchesFunction(key: string, names: string | FunctionNames): boolean {
  const wanted = key.replace(/^\.?\//, '');
  const isMatch = picomatch(wanted, { dot: true });
  return [names].flat().some(name => wanted === name || isMatch(name));
}

/**
 * The settings in `functions` that apply to a source file: those of the first key that fits. There is no merging
 * (section 1.4 of the services reference). An object without fields when no key fits.
 */
export function settingsFor(
  functions: Readonly<Record<string, unknown>>,
  names: string | FunctionNames,
): JsonObject {
  const found = Object.entries(functions).find(([key]) => matchesFunction(key, names));
  return found ? (JSON.parse(JSON.stringify(found[1])) as JsonObject) : {};
}

/**
 * Warnings of the keys of `functions` without effect: they match nothing, or stand behind one that matches.
 *
 * @param shown what the service's only function is, in words; its file when absent.
 */
export function unusedFunctions(
  service: ServiceConfig,
  names: string | FunctionNames,
  shown?: string,
): Notice[] {
  const [file] = [names].flat();
  const keys = Object.keys(service.functions);
  const used = keys.find(key => matchesFunction(key, names));
  return keys
    .filter(key => key !== used)
    .map(key => {
      const position = service.positions[`functions.${key}`];
      return {
        code: 'functions-key-unused',
        service: service.name,
        message:
          used !== undefined && matchesFunction(key, names)
            ? `"${key}" in functions of ${service.name} has no effect: "${used}" stands before it and the first match wins`
            : `"${key}" in functions of ${service.name} matches nothing: the service's only function is ${shown ?? file}`,
        help: `Write "${file}" as the key, or a glob that matches it.`,
        ...(position ? { position } : {}),
      };
    });
}

/** Settings of `functions` that go into a function's configuration as they are. */
const PASSED_ON = [
  'memory',
  'maxDuration',
  'maxConcurrency',
  'regions',
  'functionFailoverRegions',
  'experimentalTriggers',
  'supportsCancellation',
  'affinity',
] as const;

/** Those of a function's settings that its `.vc-config.json` repeats as they are. */
export function passedOn(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    PASSED_ON.flatMap(key => (settings[key] === undefined ? [] : [[key, settings[key]]])),
  );
}

export type Architecture = NonNullable<FunctionOutputConfig['architecture']>;

/** The architecture that a function's settings ask for, else that of the machine that builds. */
export function architectureOf(settings: JsonObject): Architecture {
  if (settings.architecture === 'arm64' || settings.architecture === 'x86_64') return settings.architecture;
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}
