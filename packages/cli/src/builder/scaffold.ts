import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';
import { TEMPLATES } from '../places.ts';
import type { BuilderOptions } from './options.ts';

/**
 * Writes a new builder, complete and with a test that passes, into a folder that is not there yet or is empty. The value is
 * what to tell the user. Failure: `bad-option-value` where there is something already.
 */
export async function scaffoldBuilder({ name, directory }: BuilderOptions): Promise<Result<string[]>> {
  const folder = resolve(directory);
  if (existsSync(folder) && (!statSync(folder).isDirectory() || (await readdir(folder)).length > 0)) {
    return failed({
      code: 'bad-option-value',
      message: `${directory} is there already, and svc overwrites nothing`,
      help: `Choose another folder: svc builder new ${name} --dir tools/another`,
    });
  }
  const template = join(TEMPLATES, 'builder');
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => relative(template, join(entry.parentPath, entry.name)))
    .sort();
  for (const file of files) {
    const text = await readFile(join(template, file), 'utf8');
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text.replaceAll(/\bNAME\b/g, name));
  }
  return ok(nextSteps(name, folder, files));
}

function nextSteps(name: string, folder: string, files: readonly string[]): string[] {
  const here = relative(process.cwd(), folder).split(sep).join('/') || '.';
  const reference = here.startsWith('..') ? folder : `./${here}`;
  return [
    `The builder "${name}" is in ${here}: it builds shell scripts, until you make it build something else.`,
    ...files.map(file => `  ${file}`),
    '',
    'Next',
    `  cd ${here} && npm test`,
    '      tries it on real builds. svc has to be installed in the project (as a dev dependency) or above.',
    `  { "services": { "SERVICE": { "builder": "${reference}" } } }`,
    '      in svc.json, beside vercel.json, gives it a service. svc plan shows what it would do, svc build does it.',
    '  docs/writing-a-builder.md',
    "      in svc's repository goes from here to a builder for another language, step by step.",
  ];
}
