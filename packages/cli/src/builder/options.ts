import { failed, ok, type Result } from '@svc/contracts';
import { ANY_ENGINE } from '../build/containers.ts';
import { ownBuilders } from '../builders.ts';
import { readOptions, usage } from '../options.ts';

export interface BuilderOptions {
  readonly name: string;
  /** As given, or the usual place. */
  readonly directory: string;
}

/** A package's name without a scope, so that it can be one. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

export function readBuilderOptions(args: readonly string[]): Result<BuilderOptions> {
  const words = readOptions('builder', args, { dir: { type: 'string' } }, 2);
  if (!words.ok) return words;
  const [action, name] = words.value.positionals;
  if (action !== 'new') {
    const what = action === undefined ? 'svc builder needs a word' : `svc builder cannot "${action}"`;
    return failed(usage('bad-option-value', `${what}: svc builder new NAME`, 'builder'));
  }
  if (name === undefined) {
    return failed(usage('bad-option-value', 'the new builder needs a name: svc builder new NAME', 'builder'));
  }
  if (!NAME.test(name)) {
    const rule = 'lower-case letters, digits and hyphens, beginning with a letter';
    return failed(
      usage('bad-option-value', `"${name}" cannot be a builder's name: it takes ${rule}`, 'builder'),
    );
  }
  if (ownBuilders(ANY_ENGINE).some(builder => builder.name === name)) {
    return failed(
      usage('bad-option-value', `"${name}" is one of svc's own builders: choose another name`, 'builder'),
    );
  }
  return ok({ name, directory: words.value.values.dir ?? `tools/${name}` });
}
