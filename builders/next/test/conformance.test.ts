import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { nextBuilder } from '../src/index.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));

const checks = conformance(nextBuilder({ install: tool('vercel-install'), build: tool('next-build') }), [
  {
    name: 'Next.js with a page and a route handler',
    files: {
      'package.json': {
        name: 'service',
        private: true,
        scripts: { build: 'next build' },
        dependencies: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0' },
      },
      // The same sources give the same addresses in every build.
      'next.config.mjs': "export default { generateBuildId: () => 'fixture' };\n",
      'app/layout.jsx':
        'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
      'app/page.jsx': 'export default function Page() {\n  return <h1>home</h1>;\n}\n',
      'app/api/who/route.js':
        "export const dynamic = 'force-dynamic';\nexport const GET = () => Response.json({ who: process.env.WHO });\n",
    },
    service: { framework: 'nextjs' },
    env: { NEXT_TELEMETRY_DISABLED: '1' },
    local: { env: ['NEXT_TELEMETRY_DISABLED'] },
    runEnv: { WHO: 'you' },
    requests: [
      { path: '/', expect: { body: /<h1>home<\/h1>/ } },
      { path: '/api/who', expect: { json: { who: 'you' } } },
    ],
    timeout: 600_000,
  },
  {
    name: 'Next.js that nobody has listed',
    files: {
      'package.json': { name: 'service', private: true },
      'app/page.jsx': 'export default () => null;\n',
    },
    service: { framework: 'nextjs' },
    fails: [{ code: 'framework-not-installed', message: /next/ }],
    timeout: 240_000,
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
