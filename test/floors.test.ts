import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from './support/repository.ts';

/** Who may import whom, as `docs/architecture.md` says. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'packages/contracts': [],
  'packages/char-sets': [],
  'packages/config': ['char-sets', 'contracts'],
  'packages/sources': ['contracts'],
  'packages/process': ['contracts'],
  'packages/reporters': ['contracts'],
  'packages/assembler': ['contracts'],
  'packages/builder-kit': ['contracts'],
  // The suite runs whole builds, so it stands beside the command line.
  'packages/conformance': [
    'contracts',
    'builder-kit',
    'config',
    'dev',
    'sources',
    'planner',
    'plugins',
    'queue',
    'assembler',
    'runtime',
  ],
  'packages/plugins': ['contracts', 'builder-kit', 'process'],
  'packages/planner': ['contracts', 'builder-kit', 'sources'],
  'packages/cache': ['contracts'],
  'packages/queue': ['contracts', 'process', 'sources'],
  'packages/router': ['char-sets', 'contracts'],
  'packages/runtime': ['contracts', 'process', 'router'],
  'packages/dev': [
    'contracts',
    'builder-kit',
    'config',
    'planner',
    'process',
    'router',
    'runtime',
    'sources',
  ],
  'builders/static': ['contracts', 'builder-kit'],
  'builders/node': ['contracts', 'builder-kit'],
  'builders/python': ['contracts', 'builder-kit'],
  'builders/go': ['contracts', 'builder-kit'],
  'builders/rust': ['contracts', 'builder-kit'],
  'builders/vercel': ['contracts', 'builder-kit'],
  'builders/next': ['contracts', 'builder-kit', 'builder-vercel', 'builder-vercel/tool'],
  'builders/container': ['contracts', 'builder-kit'],
};

it.each(Object.entries(ALLOWED))('%s imports only from the floors below it', (folder, allowed) => {
  const sources = readdirSync(join(REPOSITORY, folder, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.ts'),
  );
  expect(sources.length).toBeGreaterThan(0);
  for (const source of sources) {
    const text = readFileSync(join(REPOSITORY, folder, 'src', source), 'utf8');
    const imports = [...text.matchAll(/(?:from|import\()\s*'(@svc\/[^']+|svc)'/g)].map(match =>
      match[1]?.replace('@svc/', ''),
    );
    for (const name of imports) expect(allowed, `${folder}/src/${source} imports ${name}`).toContain(name);
    expect(text, `${source} reaches into another package by path`).not.toMatch(
      /from '(\.\.\/){2,}(packages|builders)\//,
    );
  }
});

it('knows every package', () => {
  const found = ['packages', 'builders'].flatMap(folder =>
    readdirSync(join(REPOSITORY, folder)).map(name => `${folder}/${name}`),
  );
  expect(found.filter(name => name !== 'packages/cli').sort()).toEqual(Object.keys(ALLOWED).sort());
});
