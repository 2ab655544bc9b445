import type { FrameworkDetectionItem } from '@vercel/frameworks';
import { isObject } from '../checkout.ts';
import type { ServiceFolder } from '../service/folder.ts';
import type { Framework } from './catalog.ts';
import { runtimeOfFramework } from './runtimes.ts';

/** A framework whose rules hold in a folder, and what made them hold: `dependency "vite" in package.json`. */
export interface Match {
  readonly framework: Framework;
  readonly evidence: string;
}

/**
 * Evaluates the rules of `@vercel/frameworks` (`every` and `some` of file, file content or dependency) on a service's
 * input files.
 *
 * @param entrypoint where the service says its code starts: a file that stands in for the usual names that a backend's
 * rules look for an import in.
 */
export async function matchFrameworks(
  folder: ServiceFolder,
  candidates: readonly Framework[],
  entrypoint: string | null,
): Promise<Match[]> {
  const dependencies = dependenciesOf(folder);
  const matches = await Promise.all(
    candidates.map(framework => matchFramework(folder, dependencies, framework, entrypoint)),
  );
  return matches.filter(match => match !== undefined);
}

async function matchFramework(
  folder: ServiceFolder,
  dependencies: ReadonlySet<string>,
  framework: Framework,
  entrypoint: string | null,
): Promise<Match | undefined> {
  const { every, some } = framework.detectors ?? {};
  if (!every && !some) return undefined;
  const holds = (rule: FrameworkDetectionItem) => evaluate(folder, dependencies, rule);

  const evidence: string[] = [];
  for (const rule of every ?? []) {
    const found = await holds(rule);
    if (found === undefined) return undefined;
    evidence.push(found);
  }
  if (some) {
    const rules = entrypoint === null ? some : [...importRuleFor(framework, some, entrypoint), ...some];
    const found = await firstThatHolds(rules, holds);
    if (found === undefined) return undefined;
    evidence.push(found);
  }
  return { framework, evidence: [...new Set(evidence)].join(' and ') };
}

async function firstThatHolds(
  rules: readonly FrameworkDetectionItem[],
  holds: (rule: FrameworkDetectionItem) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const rule of rules) {
    const found = await holds(rule);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A backend's import counts in the declared entrypoint as it does in `index.js`, `src/server.ts` and the like. */
function importRuleFor(
  framework: Framework,
  some: readonly FrameworkDetectionItem[],
  entrypoint: string,
): FrameworkDetectionItem[] {
  if (runtimeOfFramework(framework) !== 'node') return [];
  const matchContent = some.find(rule => rule.matchContent !== undefined)?.matchContent;
  return matchContent === undefined ? [] : [{ path: entrypoint, matchContent }];
}

/** What holds, in the user's words; `undefined` when it does not. */
async function evaluate(
  folder: ServiceFolder,
  dependencies: ReadonlySet<string>,
  rule: FrameworkDetectionItem,
): Promise<string | undefined> {
  if (rule.matchPackage !== undefined) {
    return dependencies.has(rule.matchPackage)
      ? `dependency "${rule.matchPackage}" in package.json`
      : undefined;
  }
  const path = rule.path ?? 'package.json';
  if (!folder.has(path)) return undefined;
  if (rule.matchContent === undefined) return path;
  const text = await folder.read(path);
  if (text === undefined || !new RegExp(rule.matchContent, 'm').test(text)) return undefined;
  return `the content of ${path}`;
}

/** The vendor's rule: what `dependencies` and `devDependencies` name. */
function dependenciesOf(folder: ServiceFolder): Set<string> {
  const { dependencies, devDependencies } = folder.packageJson ?? {};
  return new Set(
    [dependencies, devDependencies].flatMap(group => (isObject(group) ? Object.keys(group) : [])),
  );
}
