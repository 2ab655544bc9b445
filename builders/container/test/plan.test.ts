import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import type { LocalServiceConfig, ServiceConfig } from '@svc/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { containerBuilder, type EngineChoice } from '../src/index.ts';

const boundary = mkdtempSync(join(tmpdir(), 'svc-plan-'));
mkdirSync(join(boundary, 'project/apps/api'), { recursive: true });
mkdirSync(join(boundary, 'project/libs'), { recursive: true });
writeFileSync(join(boundary, 'project/build.env'), '# note\nexport FROM_FILE=1\nTOKEN=x\n');
afterAll(() => rmSync(boundary, { recursive: true }));

const ANY: EngineChoice = { engine: null, registry: null };

function planned(
  service: Partial<ServiceConfig> = {},
  local: Partial<LocalServiceConfig> = {},
  choice: EngineChoice = ANY,
  entrypoint: string | null = 'Dockerfile',
) {
  const request: PlanRequest = {
    service: {
      name: 'api',
      root: 'apps/api',
      bindings: [],
      functions: {},
      routes: [],
      local: { env: [], envFiles: [], inputs: [], ...local },
      declared: {},
      positions: {},
      ...service,
    },
    directory: 'project/apps/api',
    paths: { boundary, root: join(boundary, 'project/apps/api') },
    framework: null,
    runtime: 'container',
    entrypoint,
    handler: null,
    files: ['Dockerfile'],
    otherRoots: [],
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
  return containerBuilder({ image: '/tools/image.mjs', develop: '/tools/develop.mjs' }, choice).plan(request);
}

describe('the plan of a container', () => {
  it('is one step that may use the network, with the root as context', async () => {
    expect(await planned({ command: ['serve'], functions: { Dockerfile: { memory: 512 } } })).toMatchObject({
      ok: true,
      value: {
        entrypoint: 'Dockerfile',
        inputs: [],
        warnings: [],
        steps: [
          {
            kind: 'build',
            label: 'build the image of apps/api/Dockerfile',
            network: true,
            command: {
              tool: 'container/image',
              input: {
                dockerfile: 'Dockerfile',
                context: '.',
                command: ['serve'],
                settings: { memory: 512 },
              },
            },
          },
        ],
      },
    });
  });

  it('runs a buildCommand before', async () => {
    const plan = await planned({ buildCommand: 'make server' });
    expect(plan).toMatchObject({
      value: { steps: [{ label: 'make server', kind: 'build' }, { kind: 'bundle' }] },
    });
  });

  it.each([
    ['.', '../..', ['project']],
    ['libs', '../../libs', ['project/libs']],
    ['apps/api', '.', []],
  ])('takes another context: %s', async (context, relative, inputs) => {
    expect(await planned({}, { context })).toMatchObject({
      value: { inputs, steps: [{ command: { input: { context: relative } } }] },
    });
  });

  it('names variables, those of env files too, and keeps secrets apart', async () => {
    const local = { env: ['A', 'TOKEN'], envFiles: ['build.env'], secrets: ['TOKEN'] };
    expect(await planned({}, local)).toMatchObject({
      value: { steps: [{ command: { input: { args: ['A', 'FROM_FILE'], secrets: ['TOKEN'] } } }] },
    });
  });

  it("takes the service's engine before that of the call, and the call's registry", async () => {
    const choice = { engine: 'docker', registry: 'ghcr.io/acme' } as const;
    expect(await planned({}, { engine: 'buildah' }, choice)).toMatchObject({
      value: { steps: [{ command: { input: { engine: 'buildah', registry: 'ghcr.io/acme' } } }] },
    });
    expect(await planned({}, {}, choice)).toMatchObject({
      value: { steps: [{ command: { input: { engine: 'docker' } } }] },
    });
  });

  it('fails with everything that is wrong', async () => {
    expect(await planned({}, { context: 'absent', engine: 'podman' })).toMatchObject({
      ok: false,
      failures: [
        { code: 'config-invalid-value', message: expect.stringContaining('"absent"') },
        {
          code: 'config-invalid-value',
          message: expect.stringContaining('"podman"'),
          help: expect.stringContaining('buildah'),
        },
      ],
    });
    expect(await planned({}, {}, ANY, null)).toMatchObject({ failures: [{ code: 'entrypoint-not-found' }] });
  });

  it('warns of functions that match nothing', async () => {
    expect(await planned({ functions: { 'main.go': { memory: 1 } } })).toMatchObject({
      value: { warnings: [{ code: 'functions-key-unused' }] },
    });
  });
});
