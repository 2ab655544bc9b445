import { execFileSync } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectOf, REPOSITORY, temporaryFolder } from './support/cli.ts';

it('works as a dependency of the project that it builds, from its own package', async () => {
  const packed = await temporaryFolder();
  execFileSync('npm', ['pack', '--workspace', 'packages/cli', '--pack-destination', packed], {
    cwd: REPOSITORY,
    stdio: 'pipe',
  });
  const project = await projectOf({
    'vercel.json': {
      services: { api: { root: 'api' } },
      rewrites: [{ source: '/(.*)', destination: { service: 'api' } }],
    },
    'package.json': { private: true, workspaces: ['api'], devDependencies: { svc: 'file:./svc.tgz' } },
    'api/package.json': { name: 'api', version: '1.0.0', type: 'module', dependencies: { hono: '^4.0.0' } },
    'api/server.ts': `import { Hono } from 'hono';\nexport default new Hono().get('/', c => c.text('hi'));\n`,
    '.gitignore': 'node_modules/\n.svc/\n.vercel/\n',
  });
  const [tarball = ''] = execFileSync('ls', [packed]).toString().trim().split('\n');
  await copyFile(join(packed, tarball), join(project, 'svc.tgz'));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: project,
    stdio: 'pipe',
  });
  for (const isolation of ['auto', 'strict', 'copy']) {
    execFileSync('npx', ['svc', 'build', '--isolation', isolation], { cwd: project, stdio: 'pipe' });
    const handler = await readFile(
      join(project, '.vercel/output/services/api/functions/index.func/api/server.mjs'),
      'utf8',
    );
    expect(handler).toContain('hono');
    await writeFile(join(project, 'api/touched.txt'), isolation);
  }
});
