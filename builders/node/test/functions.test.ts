import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, writeFiles } from '@svc/builder-kit/test-support';
import type { FunctionOutputConfig } from '@svc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from './fixtures/app.ts';
import { FORM_APPS } from './fixtures/forms.ts';
import { FRAMEWORK_APPS } from './fixtures/frameworks.ts';
import { RUN_TIME_APPS } from './fixtures/run-time-files.ts';
import { buildService, bundlePrograms, type Programs } from './support/build.ts';
import { launch } from './support/launch.ts';

const APPS = [...FRAMEWORK_APPS, ...FORM_APPS, ...RUN_TIME_APPS];

let programs: Programs;
/** Where the functions lie when the workspace that they were built from is gone. */
let elsewhere: string;
const failures = new Map<string, string>();

beforeAll(async () => {
  programs = await bundlePrograms();
  elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'svc-functions-')));
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'svc-workspace-')));
  writeFiles(workspace, {
    'package.json': JSON.stringify({ name: 'acme', private: true, workspaces: ['apps/*', 'packages/*'] }),
  });
  for (const app of APPS) {
    writeFiles(join(workspace, 'apps', app.name), {
      'package.json': JSON.stringify({ name: app.name, ...app.manifest }),
      ...app.files,
    });
  }
  const install = await runProgram(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts'],
    workspace,
  );
  if (install.status !== 0) throw new Error(install.output);
  const queue = [...APPS];
  const worker = async () => {
    for (let app = queue.shift(); app; app = queue.shift()) await buildApp(workspace, app);
  };
  await Promise.all([worker(), worker()]);
  rmSync(workspace, { recursive: true });
}, 240_000);

afterAll(() => {
  rmSync(elsewhere, { recursive: true, force: true });
  rmSync(programs.folder, { recursive: true, force: true });
});

async function buildApp(workspace: string, app: App): Promise<void> {
  const output = join(workspace, 'output', app.name);
  const fixture = { ...app.fixture, root: `apps/${app.name}` };
  const built = await buildService(programs, workspace, output, fixture).catch(error => ({
    ok: false as const,
    failures: String(error),
  }));
  if (built.ok) cpSync(output, join(elsewhere, app.name), { recursive: true, verbatimSymlinks: true });
  else failures.set(app.name, JSON.stringify(built.failures, null, 2));
}

describe('a function, moved away from its sources, answers for', () => {
  it.each(APPS)('$shows', async app => {
    expect(failures.get(app.name)).toBeUndefined();
    const directory = join(elsewhere, app.name, 'functions', 'index.func');
    const config = JSON.parse(
      readFileSync(join(directory, '.vc-config.json'), 'utf8'),
    ) as FunctionOutputConfig;
    if (app.handler !== undefined) expect(config.handler).toBe(`apps/${app.name}/${app.handler}`);
    const running = await launch(programs.launcher, directory);
    try {
      for (const { path, method = 'GET', body, status = 200, answer } of app.requests) {
        const response = await fetch(running.origin + path, {
          method,
          ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
        });
        const text = await response.text();
        if (answer === '') expect(text).toBe('');
        else expect(text).toContain(answer);
        expect(response.status).toBe(status);
      }
    } finally {
      await running.stop();
    }
  });
});
