import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failure, FailureCode } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { rendered } from './render-failure.ts';
import { load } from './temporary-project.ts';

const folder = fileURLToPath(new URL('bad-configs/', import.meta.url));

/** The codes that each case gives, each named once. */
const EXPECTED: Readonly<Record<string, readonly FailureCode[]>> = {
  '01-empty-file.json': ['config-syntax'],
  '02-not-an-object.json': ['config-invalid-value'],
  '03-comment.json': ['config-syntax'],
  '04-trailing-comma.json': ['config-syntax'],
  '05-missing-comma.json': ['config-syntax'],
  '06-single-quotes.json': ['config-syntax'],
  '07-unclosed-text.json': ['config-syntax'],
  '08-unclosed-brace.json': ['config-syntax'],
  '09-several-syntax-errors.jsonc': ['config-syntax'],
  '10-duplicate-service.json': ['config-syntax'],
  '11-services-empty.json': ['config-invalid-value'],
  '12-services-list.json': ['config-invalid-value'],
  '13-service-is-text.json': ['config-invalid-value'],
  '14-root-missing.json': ['config-missing-field'],
  '15-root-under-other-name.json': ['config-unknown-field'],
  '16-root-escapes.json': ['config-invalid-root'],
  '17-root-absolute.json': ['config-invalid-root'],
  '18-root-backslashes.json': ['config-invalid-root'],
  '19-name-with-digit.json': ['config-invalid-name'],
  '20-misspelt-fields.json': ['config-unknown-field'],
  '21-field-without-meaning.json': ['config-unknown-field'],
  '22-top-level-build-command.json': ['config-forbidden-field'],
  '23-top-level-functions-two-services.json': ['config-forbidden-field'],
  '24-memory-in-service.json': ['config-forbidden-field'],
  '25-env-in-service.json': ['config-forbidden-field'],
  '26-crons-in-service.json': ['config-forbidden-field'],
  '27-node-version-in-service.json': ['config-forbidden-field'],
  '28-runtime-with-version.json': ['config-invalid-value'],
  '29-runtime-unknown.json': ['config-invalid-value'],
  '30-wrong-kinds.json': ['config-invalid-value'],
  '31-binding-unknown-service.json': ['config-unknown-service'],
  '32-binding-fields.json': ['config-invalid-value', 'config-unknown-field'],
  '33-binding-twice.json': ['config-invalid-value'],
  '34-function-limits.json': ['config-invalid-value', 'config-unknown-field'],
  '35-rewrite-unknown-service.json': ['config-unknown-service'],
  '36-rewrite-without-destination.json': ['config-missing-field', 'config-unknown-field'],
  '37-rewrite-bad-pattern.json': ['config-invalid-route'],
  '38-rewrite-unknown-parameter.json': ['config-invalid-route'],
  '39-rewrite-condition.json': [
    'config-forbidden-field',
    'config-invalid-value',
    'config-missing-field',
    'config-unknown-field',
  ],
  '40-rewrite-transform.json': ['config-invalid-route', 'config-invalid-value'],
  '41-redirect-both-statuses.json': ['config-invalid-route'],
  '42-header-as-object.json': ['config-invalid-value'],
  '43-routes-low-level.json': [
    'config-invalid-route',
    'config-invalid-value',
    'config-missing-field',
    'config-unknown-field',
  ],
  '44-routes-phases.json': ['config-invalid-route'],
  '45-route-transforms.json': ['config-invalid-value', 'config-missing-field'],
  '46-rule-inside-service-leads-out.json': ['config-invalid-route'],
  '47-crons-and-images.json': ['config-invalid-value', 'config-missing-field'],
  '48-old-formats.json': ['config-forbidden-field'],
  '49-app-build-fields.json': ['config-invalid-value'],
  '50-syntax.toml': ['config-syntax'],
  '51-several.toml': [
    'config-invalid-root',
    'config-invalid-value',
    'config-unknown-field',
    'config-unknown-service',
  ],
  '52-values.ts': [
    'config-invalid-root',
    'config-invalid-value',
    'config-unknown-field',
    'config-unknown-service',
  ],
  '53-throws.ts': ['config-evaluation'],
  '54-imports-nothing.mts': ['config-evaluation'],
  '55-syntax.mts': ['config-syntax'],
  '56-exports-text.mjs': ['config-invalid-value'],
  '57-exits.mjs': ['config-evaluation'],
  '58-two-formats': ['config-conflict'],
  '59-old-name': ['config-not-found'],
  '60-svc-json': [
    'config-invalid-env-file',
    'config-invalid-value',
    'config-syntax',
    'config-unknown-field',
    'config-unknown-service',
  ],
  '61-svc-json-twice': ['config-conflict'],
  '62-project-promises-services': ['config-missing-field'],
};

/** A case is one configuration file, or a folder of files. `vercel-project.json` stands for the ignored `.vercel/project.json`. */
async function filesOf(name: string): Promise<Record<string, string>> {
  const path = join(folder, name);
  if ((await stat(path)).isFile()) return { [`vercel${extname(name)}`]: await readFile(path, 'utf8') };
  const entries = (await readdir(path)).map(async file => {
    const target = file === 'vercel-project.json' ? '.vercel/project.json' : file;
    return [target, await readFile(join(path, file), 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function failuresOf(name: string): Promise<readonly Failure[]> {
  const result = await load(await filesOf(name), { PATH: process.env.PATH ?? '' });
  return result.ok ? [] : result.failures;
}

const cases = (await readdir(folder)).filter(name => /^\d/.test(name)).sort();

describe('bad configurations', () => {
  it('are at least forty', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(Object.keys(EXPECTED)).toEqual(cases);
  });

  it.each(cases)('%s is refused with the right codes, each at its place', async name => {
    const failures = await failuresOf(name);
    expect([...new Set(failures.map(failure => failure.code))].sort()).toEqual(EXPECTED[name]);
    for (const failure of failures) {
      expect(failure.position?.line).toBeGreaterThan(0);
      expect(`${failure.message}${failure.help ?? ''}`).not.toMatch(
        /\n\s+at |node:internal|undefined|\[object/,
      );
    }
  });

  it('read well', async () => {
    const sections: string[] = [];
    for (const name of cases) {
      const failures = await failuresOf(name);
      sections.push([`# ${name}`, ...failures.map(rendered)].join('\n\n'));
    }
    await expect(`${sections.join('\n\n\n')}\n`).toMatchFileSnapshot('__snapshots__/bad-configs.txt');
  });
});
