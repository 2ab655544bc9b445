import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble, checkTarget } from '../src/index.ts';
import { bundled } from './support/child.ts';
import {
  projectOf,
  requestFor,
  serviceConfig,
  serviceFiles,
  temporaryFolder,
  writeFiles,
} from './support/project.ts';
import { failuresIn, valueIn } from './support/results.ts';

describe('a target', () => {
  it('that holds the project or a service is refused', async () => {
    const folder = await temporaryFolder();
    const directory = join(folder, 'project');
    writeFiles(directory, { 'apps/web/index.html': '', 'config.json': '{"version":3}' });
    symlinkSync(directory, join(folder, 'link'));
    const project = projectOf(directory, [serviceConfig('web')]);
    for (const target of [
      directory,
      folder,
      '/',
      join(folder, 'link'),
      join(directory, 'apps'),
      join(directory, 'apps/web'),
    ]) {
      const [failure] = failuresIn(await checkTarget(project, target));
      expect([target, failure?.code]).toEqual([target, 'output-conflict']);
    }
    valueIn(await checkTarget(project, join(directory, '.vercel/output')));
    valueIn(await checkTarget(project, join(directory, 'apps/web/.vercel/output')));
    expect(readFileSync(join(directory, 'apps/web/index.html'), 'utf8')).toBe('');
  });

  it('that holds anything but a deployment is refused and left as it is', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web') });
    writeFiles(request.target, { 'src/index.ts': 'precious', 'config.json': '{"name":"mine"}' });
    expect(failuresIn(await assemble(request))).toMatchObject([{ code: 'output-conflict' }]);
    expect(readFileSync(join(request.target, 'src/index.ts'), 'utf8')).toBe('precious');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(failuresIn(await checkTarget(request.project, file))).toMatchObject([{ code: 'output-conflict' }]);
  });

  it.each([
    ['an empty folder', {}],
    ['what the vendor wrote', { 'config.json': '{"version":3}', 'static/old.html': '' }],
    ['what the vendor left of a failed build', { 'builds.json': '{"builds":[]}' }],
  ])('that is %s is replaced', async (_, files) => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web') });
    mkdirSync(request.target, { recursive: true });
    writeFiles(request.target, files);
    valueIn(await assemble(request));
    expect(existsSync(join(request.target, 'static'))).toBe(false);
    expect(existsSync(join(request.target, 'services/web/config.json'))).toBe(true);
  });

  it('that is a link is replaced where it leads', async () => {
    const folder = await temporaryFolder();
    const request = requestFor(folder, { web: serviceFiles('web') });
    mkdirSync(join(folder, 'elsewhere'));
    mkdirSync(join(folder, '.vercel'));
    symlinkSync('../elsewhere', request.target);
    valueIn(await assemble(request));
    expect(existsSync(join(folder, 'elsewhere/deployment.json'))).toBe(true);
    expect(existsSync(join(request.target, 'deployment.json'))).toBe(true);
  });

  it('that cannot be written to is a failure that names it', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'assemble-once.ts');
    mkdirSync(join(folder, 'work'));
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    for (const path of [folder, join(folder, 'work'), program]) chmodSync(path, 0o777);
    // Root may write anywhere, so the test gives up that right where it has it.
    const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const child = spawnSync(process.execPath, [program, folder, join(closed, 'output')], {
      encoding: 'utf8',
      ...identity,
    });
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toMatchObject({
      ok: false,
      failures: [
        {
          code: 'output-not-writable',
          message: expect.stringMatching(/^cannot write to .*closed\/output: permission denied/),
        },
      ],
    });
  });
});
