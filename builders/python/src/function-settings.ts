import type { FunctionNames } from '@svc/builder-kit';
import { matchesFunction, unusedFunctions } from '@svc/builder-kit';
import type { Notice, ServiceConfig } from '@svc/contracts';

/** Python also takes the name without `.py` (section 1.4 of the services reference). */
export function functionNames(entrypoint: string): FunctionNames {
  return [entrypoint, entrypoint.replace(/\.py$/, '')];
}

/** Keys of `functions` without effect, and settings that say nothing to a Python function. */
export function functionNotices(service: ServiceConfig, entrypoint: string): Notice[] {
  const names = functionNames(entrypoint);
  const notices = unusedFunctions(service, names);
  const used = Object.keys(service.functions).find(key => matchesFunction(key, names));
  const settings = used === undefined ? undefined : service.functions[used];
  if (used === undefined || settings === undefined) return notices;
  if (settings.includeFiles !== undefined) {
    notices.push(
      withoutEffect(service, used, {
        message: `"includeFiles" of "${used}" in functions of ${service.name} has no effect: a Python function holds all files of its service`,
        help: 'Remove it, or leave files out with "excludeFiles".',
      }),
    );
  }
  if (settings.architecture !== undefined) {
    notices.push(
      withoutEffect(service, used, {
        message: `"architecture" of "${used}" in functions of ${service.name} has no effect: packages are installed for the machine that builds`,
        help: 'Remove it, and build on a machine of the architecture that you deploy to.',
      }),
    );
  }
  return notices;
}

function withoutEffect(
  service: ServiceConfig,
  key: string,
  text: { readonly message: string; readonly help: string },
): Notice {
  const position = service.positions[`functions.${key}`];
  const code = 'functions-setting-unused';
  return { code, service: service.name, ...text, ...(position ? { position } : {}) };
}
