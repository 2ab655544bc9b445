import type { Check } from '../checks/shapes.ts';
import { kindOf, NameOf } from '../checks/words.ts';

/** Section 1.1 of the services reference. */
const SERVICE_NAME = /^[a-z]([a-z_-]*[a-z])?$/;
const MAX_LENGTH = 64;

export const NAME_RULE =
  'A service name has 1 to 64 lowercase letters, with "-" or "_" inside; no digits, no capitals, and it starts and ends with a letter.';

/** What is wrong with a service's name, or undefined. */
export function nameProblem(name: string): { readonly message: string; readonly help: string } | undefined {
  if (SERVICE_NAME.test(name) && name.length <= MAX_LENGTH) return undefined;
  const legal = legalName(name);
  const shown = name.length > MAX_LENGTH ? `${name.slice(0, 20)}…` : name;
  return {
    message: `"${shown}" cannot be the name of a service`,
    help: legal ? `${NAME_RULE}\nFor example "${legal}".` : NAME_RULE,
  };
}

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The nearest legal name: `web1` becomes `web-one`, `api-v2` becomes `api-v-two`, `MyApi` becomes `my-api`. */
export function legalName(name: string): string | undefined {
  const legal = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/\d/g, digit => `-${DIGITS[Number(digit)]}-`)
    .replace(/[^a-z_-]+/g, '-')
    .replace(/[-_]*-[-_]*/g, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^[-_]+|[-_]+$/g, '');
  return SERVICE_NAME.test(legal) ? legal : undefined;
}

/** A value that names a service; whether that service exists is checked when all of them are known. */
export const serviceReference: Check = (value, path, report) => {
  if (typeof value === 'string' && value !== '') return;
  const message = `${NameOf(path)} must be the name of a service; it is ${kindOf(value)}`;
  report({ code: 'config-invalid-value', path, part: 'value', message });
};

/** Section 1.2 of the services reference. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const variableName: Check = (value, path, report) => {
  if (typeof value === 'string' && VARIABLE_NAME.test(value) && value.length <= 256) return;
  const legal =
    typeof value === 'string'
      ? value
          .toUpperCase()
          .replace(/[^A-Z0-9_]+/g, '_')
          .replace(/^(?=\d)/, '_')
      : '';
  report({
    code: 'config-invalid-value',
    path,
    part: 'value',
    message: `${NameOf(path)} must be the name of a variable; it is ${kindOf(value)}`,
    help: `Letters, digits and "_", and no digit first, at most 256 characters${VARIABLE_NAME.test(legal) ? `: "${legal}"` : ''}.`,
  });
};
