import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/repository.ts';
import type { FailingProject } from './project.ts';

// The fixture's dependencies, which are complete and already in the package manager's cache.
const fixture = (path: string) => readFileSync(join(REPOSITORY, 'fixtures/next-go/web', path), 'utf8');
const LAYOUT = fixture('app/layout.tsx');

export const nextProjects: readonly FailingProject[] = [
  {
    name: 'Next.js: not among the dependencies',
    files: {
      'api/package.json': { name: 'api', version: '1.0.0', private: true },
      'api/app/layout.tsx': LAYOUT,
      'api/app/page.tsx': 'export default () => null;\n',
    },
    service: { framework: 'nextjs' },
    expected: {
      exit: 20,
      failures: [
        { code: 'framework-not-installed', cause: /next/i, wayOut: /npm install/, file: 'api/package.json' },
      ],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Next.js: a mistake in the types',
    files: {
      'api/package.json': fixture('package.json'),
      'api/package-lock.json': fixture('package-lock.json'),
      'api/tsconfig.json': fixture('tsconfig.json'),
      'api/app/layout.tsx': LAYOUT,
      'api/app/page.tsx':
        'export default function Home() {\n  const price: number = "free";\n  return <p>{price}</p>;\n}\n',
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'build-failed',
          cause: /not assignable to type 'number'/,
          wayOut: /next build/,
          file: 'api/app/page.tsx:2',
        },
      ],
      otherIsBuilt: true,
    },
  },
];
