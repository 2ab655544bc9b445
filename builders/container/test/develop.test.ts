import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevelopmentRequest } from '@svc/builder-kit';
import type { LocalServiceConfig, ServiceConfig } from '@svc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerBuilder } from '../src/index.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'svc-develop-'));
  mkdirSync(join(project, 'apps/api'), { recursive: true });
});
afterEach(() => rmSync(project, { recursive: true }));

function developed(service: Partial<ServiceConfig> = {}, local: Partial<LocalServiceConfig> = {}) {
  const request: DevelopmentRequest = {
    service: {
      ...{ name: 'api', root: 'apps/api', bindings: [], functions: {}, routes: [] },
      local: { env: [], envFiles: [], inputs: [], ...local },
      ...{ declared: {}, positions: {} },
      ...service,
    },
    directory: 'apps/api',
    paths: { boundary: project, root: join(project, 'apps/api') },
    ...{
      framework: null,
      runtime: 'container',
      entrypoint: 'Dockerfile',
      handler: null,
      files: ['Dockerfile'],
    },
    ...{ otherRoots: [], packageManager: null, packageJson: null, script: () => undefined },
    state: join(project, '.svc/dev/api'),
    publicCleanUrls: false,
  };
  const tools = { image: '/tools/image.mjs', develop: '/tools/develop.mjs' };
  return containerBuilder(tools, { engine: null, registry: null }).develop?.(request);
}

describe('a container in development', () => {
  it('is built by a tool of its own and run with what the configuration says', async () => {
    const service = {
      command: ['serve', '--fast'],
      functions: { Dockerfile: { memory: 256, architecture: 'arm64' } },
    };
    const plan = await developed(service, { secrets: ['TOKEN'], context: '.' });
    expect(plan).toMatchObject({
      ok: true,
      value: {
        install: [],
        prepare: [
          {
            command: {
              type: 'tool',
              tool: 'container/develop',
              input: {
                dockerfile: 'Dockerfile',
                context: '../..',
                secrets: ['TOKEN'],
                settings: { memory: 256 },
              },
            },
          },
        ],
        serve: {
          ...{ type: 'container', label: 'image of apps/api/Dockerfile', image: 'image.json' },
          ...{ command: ['serve', '--fast'], memory: 256 },
        },
        reload: 'restart',
      },
    });
    // An image for another machine would not run here.
    expect(JSON.stringify(plan)).not.toContain('arm64');
    expect(JSON.stringify(plan)).not.toContain('"unused"');
  });

  it('knows what its .dockerignore leaves out, that beside the Dockerfile before that of the context', async () => {
    writeFileSync(join(project, '.dockerignore'), '# notes\n*.md\n\n  !README.md  \n');
    const except = ['Dockerfile', 'Dockerfile.dockerignore', '../../.dockerignore'];
    expect(await developed({}, { context: '.' })).toMatchObject({
      value: { unused: { from: '../..', patterns: ['*.md', '!README.md'], except } },
    });
    writeFileSync(join(project, 'apps/api/Dockerfile.dockerignore'), 'own\n');
    expect(await developed({}, { context: '.' })).toMatchObject({ value: { unused: { patterns: ['own'] } } });
  });

  it('takes every file for a source where a build command may read it', async () => {
    writeFileSync(join(project, 'apps/api/.dockerignore'), '*\n!server\n');
    const plan = await developed({ buildCommand: 'make server' });
    expect(plan).toMatchObject({
      value: {
        prepare: [{ command: { type: 'shell', line: 'make server' } }, { command: { type: 'tool' } }],
      },
    });
    expect(JSON.stringify(plan)).not.toContain('"unused"');
  });
});
