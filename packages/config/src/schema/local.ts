import { type Check, closed, list, table, text, whole } from '../checks/shapes.ts';
import { NameOf, quote } from '../checks/words.ts';
import { variableName } from './names.ts';
import { normaliseRoot } from './root.ts';

/** A path that stays inside the project. */
function inside(code: 'config-invalid-value' | 'config-invalid-env-file'): Check {
  return (value, path, report) => {
    if (typeof value !== 'string' || value === '') return text({ min: 1 })(value, path, report);
    if (normaliseRoot(value) !== undefined) return;
    report({
      code,
      path,
      part: 'value',
      message: `${NameOf(path)} leads out of the project: ${quote(value)}`,
      help: 'Paths in svc.json are relative to its own folder and stay inside it.',
    });
  };
}

const names = list((value, path, report) => {
  if (typeof value !== 'string' || !value.includes('=')) return variableName(value, path, report);
  const name = value.slice(0, value.indexOf('='));
  report({
    code: 'config-invalid-value',
    path,
    part: 'value',
    message: `${NameOf(path)} holds a value; svc.json names variables only`,
    help: `Write "${name}", and set its value where you run svc.`,
  });
});
const envFiles = list(inside('config-invalid-env-file'));

/** A builder: one of svc's own, a package, or a path. */
const reference = text({ min: 1, max: 256 });

const localService = closed({
  noun: "a service's entry in svc.json",
  fields: {
    env: names,
    envFiles,
    inputs: list(inside('config-invalid-value')),
    builder: reference,
    builderTimeout: whole({ min: 1, max: 3600 }),
    context: inside('config-invalid-value'),
    secrets: names,
    engine: text({ min: 1, max: 64 }),
  },
});

/** The whole of `svc.json`. */
export const localFile = closed({
  noun: 'svc.json',
  fields: { $schema: text(), env: names, envFiles, builders: list(reference), services: table(localService) },
  misplaced: {
    rewrites: () => ({
      message: '"rewrites" is no field of svc.json',
      help: 'Routing belongs into the configuration file, vercel.json.',
    }),
  },
});
