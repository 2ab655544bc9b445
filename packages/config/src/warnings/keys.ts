import type { Notice } from '@svc/contracts';
import { nearest } from '../checks/near-miss.ts';
import { inline, isObject, listed } from '../checks/words.ts';
import type { Document } from '../document.ts';
import { TOP_LEVEL_KEYS } from '../schema/project.ts';
import type { WarningContext } from './index.ts';

/** Top-level keys that are allowed and have no effect. Section 1.3 of the services reference. */
export function warnAboutKeys({
  config,
  document,
}: WarningContext & { readonly document: Document }): Notice[] {
  const notices: Notice[] = [];
  for (const key of Object.keys(config)) {
    if (TOP_LEVEL_KEYS.includes(key)) continue;
    const near = nearest(
      key,
      TOP_LEVEL_KEYS.filter(known => config[known] === undefined),
    );
    if (near === undefined) continue;
    notices.push({
      code: 'unknown-key',
      message: `"${key}" means nothing to svc and is ignored`,
      help: `Did you mean "${near}"?`,
      position: document.place([key], 'key'),
    });
  }
  for (const key of ['proxy', 'schedules', 'daemons']) {
    if (config[key] === undefined || config[key] === null) continue;
    notices.push({
      code: 'field-ignored',
      message: `"${key}" is not supported by svc and is ignored`,
      help: 'Remove it, or keep it for deployments that the vendor builds.',
      position: document.place([key], 'key'),
    });
  }
  const build = isObject(config.build) ? config.build : {};
  notices.push(
    ...envIgnored(config.env, ['env'], document),
    ...envIgnored(build.env, ['build', 'env'], document),
  );
  return notices;
}

function envIgnored(value: unknown, path: readonly string[], document: Document): Notice[] {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (names.length === 0) return [];
  const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  return [
    {
      code: 'env-ignored',
      message: `"${path.join('.')}" is not applied: ${listed(shown)} will not be set`,
      help: `Set the variables where you run svc, and name them in svc.json:\n{ "env": ${inline(names)} }`,
      position: document.place(path, 'key'),
    },
  ];
}
