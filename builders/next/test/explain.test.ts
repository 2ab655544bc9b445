import { describe, expect, it } from 'vitest';
import { explainNextErrors } from '../src/explain.ts';

const causes = (text: string, root = 'web') => explainNextErrors(text.split('\n'), root);

/** What several versions of Next.js really print. */
describe('what next build prints', () => {
  it('is placed when TypeScript complains (16.4)', () => {
    const text = `  Running TypeScript ...
app/about/page.tsx(6,13): error TS2352: Conversion of type 'number' to type 'string' may be a mistake.
app/page.tsx(1,2): error TS1005: ';' expected.
Failed to type check.`;
    expect(causes(text)).toMatchObject([
      {
        code: 'build-failed',
        message: "Next.js can't be built: Conversion of type 'number' to type 'string' may be a mistake",
        position: { file: 'web/app/about/page.tsx', line: 6, column: 13 },
      },
      { position: { file: 'web/app/page.tsx', line: 1, column: 2 } },
    ]);
  });

  it('is placed when TypeScript complains (15)', () => {
    const text = `Failed to compile.

./app/page.tsx:3:9
Type error: Type 'string' is not assignable to type 'number'.`;
    expect(causes(text, '.')).toMatchObject([
      {
        message: "Next.js can't be built: Type 'string' is not assignable to type 'number'",
        position: { file: 'app/page.tsx', line: 3, column: 9 },
      },
    ]);
  });

  it('is placed when Turbopack complains, colours and the workspace in its paths notwithstanding', () => {
    const text = `\u001b[31m> Build error occurred\u001b[0m
Error: Turbopack build failed with 1 error:
./web/app/about/page.tsx:1:1
\u001b[1mError: Module not found: Can't resolve '../../components/navigaton'\u001b[0m
> 1 | import { Navigation } from '../../components/navigaton';

Import trace:
  Server Component:
    ./web/app/about/page.tsx
    ./web/app/about/page.tsx`;
    expect(causes(text)).toMatchObject([
      {
        message: "Next.js can't be built: Module not found: Can't resolve '../../components/navigaton'",
        position: { file: 'web/app/about/page.tsx', line: 1, column: 1 },
      },
    ]);
  });

  it('names the file when webpack gives no line', () => {
    const text = `Failed to compile.

./pages/index.js
Module not found: Can't resolve 'nothing'`;
    expect(causes(text)).toMatchObject([{ position: { file: 'web/pages/index.js', line: 1, column: 1 } }]);
  });

  it('finds the line in the frame that webpack draws', () => {
    const text = `Failed to compile.

./pages/index.js
Error:   x Expected '</', got 'jsx text'
   ,-[/project/apps/site/pages/index.js:2:1]
 1 | export default function Home() {`;
    expect(causes(text)).toMatchObject([
      {
        message: "Next.js can't be built: Expected '</', got 'jsx text'",
        position: { file: 'web/pages/index.js', line: 2, column: 1 },
      },
    ]);
  });

  it('names a page that could not be rendered, and the line where it threw', () => {
    const text = `Error occurred prerendering page "/about". Read more: https://nextjs.org/docs/messages/prerender-error
TypeError: Failed to parse URL from undefined
    at <unknown> (app/about/page.tsx:3:14)`;
    expect(causes(text)).toMatchObject([
      {
        message:
          'the page /about could not be rendered at build time: TypeError: Failed to parse URL from undefined',
        position: { file: 'web/app/about/page.tsx', line: 3, column: 14 },
      },
    ]);
  });

  it('is left alone where it only warns, or fails for another reason', () => {
    expect(causes('./app/page.tsx:1:1\nWarning: unused variable')).toEqual([]);
    expect(causes('Failed to compile.\n./app/page.tsx:1:1\nWarning: unused variable')).toEqual([]);
    expect(causes('sh: next: not found')).toEqual([]);
  });
});
