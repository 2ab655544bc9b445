import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CachedProject,
  cachedProject,
  outcomes,
  removeOutput,
  treeOf,
} from './support/cached-project.ts';
import { svc } from './support/cli.ts';

/** As many files as several threads put back; some are programs, and every tenth is the same as others. */
const WRITE = `import { mkdirSync, writeFileSync } from 'node:fs';
for (let folder = 0; folder < 60; folder++) {
  mkdirSync('dist/' + folder + '/deep', { recursive: true });
  for (let file = 0; file < 50; file++) {
    const path = 'dist/' + folder + (file % 2 ? '/deep/' : '/') + file + '.txt';
    writeFileSync(path, file % 10 ? process.argv[2] + ' ' + folder + ' ' + file : 'the same', { mode: file % 7 ? 0o644 : 0o755 });
  }
}
`;

let project: CachedProject;
let before: Record<string, string>;
const output = () => join(project.folder, '.vercel/output');

beforeAll(async () => {
  const service = (name: string) => ({
    root: `apps/${name}`,
    buildCommand: `node build.mjs ${name}`,
    outputDirectory: 'dist',
  });
  project = await cachedProject({
    'vercel.json': { services: { web: service('web'), api: service('api') } },
    'svc.json': {},
    'apps/web/build.mjs': WRITE,
    'apps/api/build.mjs': WRITE,
  });
  expect(outcomes(await project.build())).toEqual({ web: 'built', api: 'built' });
  before = treeOf(output());
});

/** The content of a file of the deployment in the store. */
function blobOf(path: string): string {
  const manifest = JSON.parse(readFileSync(join(output(), 'deployment.json'), 'utf8'));
  const { sha256 } = manifest.files[path];
  return join(project.env.SVC_CACHE_DIR ?? '', 'v1/blobs', sha256.slice(0, 2), sha256);
}

describe('a deployment of many files that is gone', () => {
  it('is put back by several threads as it was, and the next build sees nothing to do', async () => {
    const manifest = readFileSync(join(output(), 'deployment.json'));
    expect(outcomes(await project.build())).toBe('unchanged');
    await removeOutput(project.folder);
    const { code, stderr } = await svc(['build'], {
      cwd: project.folder,
      // Node tells of each thread.
      env: { ...project.env, NODE_DEBUG: 'worker' },
    });
    expect(code).toBe(0);
    expect(/^WORKER \d+: /m.test(stderr)).toBe(availableParallelism() > 1);
    expect(Object.keys(before).length).toBeGreaterThan(6000);
    expect(treeOf(output())).toEqual(before);
    expect(readFileSync(join(output(), 'deployment.json')).equals(manifest)).toBe(true);
    expect(outcomes(await project.build())).toBe('unchanged');
    rmSync(join(output(), 'services/web/static/7/deep/1.txt'));
    expect(outcomes(await project.build())).toEqual({ web: 'restored', api: 'restored' });
    expect(outcomes(await project.build())).toBe('unchanged');
  });

  it('is built again where content is damaged, which is told of, or missing', async () => {
    for (const [service, path] of [
      ['api', 'services/api/static/0/deep/1.txt'],
      ['web', 'services/web/static/9/deep/49.txt'],
    ] as const) {
      const blob = blobOf(path);
      for (const harm of ['damaged', 'missing'] as const) {
        if (harm === 'damaged') writeFileSync(blob, readFileSync(blob, 'utf8').toUpperCase());
        else rmSync(blob);
        await removeOutput(project.folder);
        const events = await project.build();
        const told = events.filter(event => event.type === 'cache.rejected');
        if (harm === 'damaged') expect(told).toMatchObject([{ service, from: 'local' }]);
        else expect(told).toEqual([]);
        expect(outcomes(events)).toEqual({ web: 'restored', api: 'restored', [service]: 'built' });
        expect(treeOf(output())).toEqual(before);
      }
    }
    await removeOutput(project.folder);
    expect(outcomes(await project.build())).toEqual({ web: 'restored', api: 'restored' });
  });
});
