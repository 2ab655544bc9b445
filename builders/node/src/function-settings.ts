import type { JsonObject } from '@svc/contracts';
import picomatch from 'picomatch';
import type { FunctionRule } from './input.ts';

/** Whether a key of `functions` means this file: equal to it, or a glob that it matches. */
export function matchesFunction(pattern: string, entrypoint: string): boolean {
  const wanted = pattern.replace(/^\.?\//, '');
  return wanted === entrypoint || picomatch(wanted, { dot: true })(entrypoint);
}

/** The settings of the first key that fits; there is no merging (section 1.4 of the services reference). */
export function settingsFor(rules: readonly FunctionRule[], entrypoint: string): JsonObject {
  return rules.find(rule => matchesFunction(rule.pattern, entrypoint))?.settings ?? {};
}
