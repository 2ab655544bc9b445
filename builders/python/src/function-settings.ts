import type { JsonObject, Notice, ServiceConfig } from '@svc/contracts';
import picomatch from 'picomatch';

/** Whether a key of `functions` means this file; Python also takes the name without `.py` (section 1.4 of the reference). */
function matchesFunction(pattern: string, entrypoint: string): boolean {
  const wanted = pattern.replace(/^\.?\//, '');
  const isMatch = picomatch(wanted, { dot: true });
  return [entrypoint, entrypoint.replace(/\.py$/, '')].some(name => wanted === name || isMatch(name));
}

/** The settings of the first key that fits; there is no merging. */
export function settingsFor(service: ServiceConfig, entrypoint: string): JsonObject {
  const found = Object.entries(service.functions).find(([pattern]) => matchesFunction(pattern, entrypoint));
  return found ? (JSON.parse(JSON.stringify(found[1])) as JsonObject) : {};
}

/** Keys of `functions` without effect, and settings that say nothing to a Python function. */
export function functionNotices(service: ServiceConfig, entrypoint: string): Notice[] {
  const keys = Object.keys(service.functions);
  const used = keys.find(key => matchesFunction(key, entrypoint));
  const notices = keys
    .filter(key => key !== used)
    .map(key =>
      noticeAt(service, key, 'functions-key-unused', {
        message: matchesFunction(key, entrypoint)
          ? `"${key}" in functions of ${service.name} has no effect: "${used}" stands before it and the first match wins`
          : `"${key}" in functions of ${service.name} matches nothing: the service's only function is ${entrypoint}`,
        help: `Write "${entrypoint}" as the key, or a glob that matches it.`,
      }),
    );
  if (used !== undefined && service.functions[used]?.includeFiles !== undefined) {
    notices.push(
      noticeAt(service, used, 'functions-setting-unused', {
        message: `"includeFiles" of "${used}" in functions of ${service.name} has no effect: a Python function holds all files of its service`,
        help: 'Remove it, or leave files out with "excludeFiles".',
      }),
    );
  }
  if (used !== undefined && service.functions[used]?.architecture !== undefined) {
    notices.push(
      noticeAt(service, used, 'functions-setting-unused', {
        message: `"architecture" of "${used}" in functions of ${service.name} has no effect: packages are installed for the machine that builds`,
        help: 'Remove it, and build on a machine of the architecture that you deploy to.',
      }),
    );
  }
  return notices;
}

function noticeAt(
  service: ServiceConfig,
  key: string,
  code: string,
  text: { readonly message: string; readonly help: string },
): Notice {
  const position = service.positions[`functions.${key}`];
  return { code, service: service.name, ...text, ...(position ? { position } : {}) };
}
