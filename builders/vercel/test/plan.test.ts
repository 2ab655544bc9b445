import type { PlanRequest } from '@svc/builder-kit';
import type { ServiceConfig } from '@svc/contracts';
import { type Framework, frameworks } from '@vercel/frameworks';
import { describe, expect, it } from 'vitest';
import { vercelBuilder } from '../src/index.ts';

const builder = vercelBuilder({ install: '/tools/install.mjs', build: '/tools/build.mjs' });

function request(more: {
  slug?: string;
  runtime?: string;
  builder?: string;
  entrypoint?: string;
}): PlanRequest {
  const { slug, runtime = null, builder: named, entrypoint = null } = more;
  const service: ServiceConfig = {
    name: 'web',
    root: 'apps/web',
    bindings: [],
    functions: { '*': { memory: 1 } },
    routes: [],
    declared: {},
    positions: {},
    local: { env: [], envFiles: [], inputs: [], ...(named === undefined ? {} : { builder: named }) },
  };
  return {
    service,
    directory: 'inner/apps/web',
    paths: { boundary: '/nowhere', root: '/nowhere/inner/apps/web' },
    framework:
      slug === undefined
        ? null
        : {
            slug,
            name: slug,
            buildCommand: null,
            outputDirectory: null,
            cachePattern: null,
            envPrefix: null,
          },
    runtime,
    entrypoint,
    handler: null,
    files: [],
    otherRoots: [],
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
}

async function planned(more: Parameters<typeof request>[0]) {
  const plan = await builder.plan(request(more));
  if (!plan.ok) throw new Error(JSON.stringify(plan.failures));
  return plan.value;
}

describe('the package that builds a service', () => {
  const ADAPTED = (frameworks as unknown as readonly Framework[]).filter(({ useRuntime }) =>
    builder.runtimes.includes(useRuntime?.use.replace('@vercel/', '') ?? ''),
  );

  it.each(
    ADAPTED.filter(({ slug }) => slug !== 'ruby').map(({ slug, useRuntime }) => [slug, useRuntime?.use]),
  )('of the framework %s is %s', async (slug, use) => {
    expect((await planned({ slug: slug ?? '' })).data).toEqual({ package: use });
  });

  it('covers Remix, React Router, Redwood and Hydrogen', () => {
    expect(ADAPTED.map(({ slug }) => slug)).toEqual(
      expect.arrayContaining(['remix', 'react-router', 'redwoodjs', 'hydrogen']),
    );
  });

  it("of Ruby is the vendor's, with its usual entrypoint", async () => {
    const plan = await planned({ runtime: 'ruby' });
    expect(plan).toMatchObject({ entrypoint: 'config.ru', data: { package: '@vercel/ruby' } });
    expect(plan.steps.map(({ label, network }) => [label, network])).toEqual([
      ['install the builder @vercel/ruby@21.0.0', true],
      ['build with @vercel/ruby', true],
    ]);
  });

  it('is the one that svc.json names, whatever the framework', async () => {
    const plan = await planned({ builder: 'vercel:@acme/lua@^2', slug: 'remix', entrypoint: 'main.lua' });
    expect(plan).toMatchObject({ entrypoint: 'main.lua', data: { package: '@acme/lua' } });
    expect(plan.steps[1]?.command).toMatchObject({
      input: {
        package: '@acme/lua',
        wanted: '^2',
        project: 'inner',
        service: 'web',
        root: 'apps/web',
        functions: { '*': { memory: 1 } },
      },
    });
  });

  it('is the same on every machine: a plan says nothing of caches or addresses', async () => {
    expect(JSON.stringify(await planned({ runtime: 'ruby' }))).not.toMatch(/cache\/svc|http/);
  });
});
