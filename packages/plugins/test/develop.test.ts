import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builderOf, bundledPrograms, failuresOf, load } from './support/workshop.ts';

bundledPrograms();

/** The source of a builder whose `develop` has this body. */
const builder = (develop: string) => `
import { defineBuilder, ok, failed } from 'svc/builder-kit';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
export default defineBuilder({ name: 'odd', version: '1', tools: { make: new URL('./make.mjs', import.meta.url) },
  plan: () => ok({ steps: [] }), finish: () => ok({ version: 3 }),
  async develop(request) { ${develop} } });`;
const FILES = { 'tool/make.mjs': '' };

async function develop(body: string) {
  // Only what never answers has to wait for its end.
  const builderTimeout = body.includes('setInterval') ? 5 : 60;
  const loaded = await load(builder(body), { files: FILES, local: { builderTimeout } });
  const state = join(loaded.folder, '.svc', 'dev', 'api');
  const result = await builderOf(loaded).develop?.({
    ...loaded.planRequest,
    state,
    publicCleanUrls: true,
  });
  if (!result) throw new Error('it has no develop');
  return { result, state, folder: loaded.folder };
}

describe('a builder from elsewhere that says how its services run from their sources', () => {
  it('is asked with what it needs, and its answer is completed', async () => {
    const { result, state, folder } = await develop(`
      return ok({
        prepare: [{ kind: 'build', label: request.script('build').line, command: { type: 'tool', tool: 'make', input: {} } }],
        serve: { type: 'command', label: 'serve ' + request.entrypoint, line: 'exec ' + request.state + '/server' },
        env: { CLEAN: String(request.publicCleanUrls) },
        programs: [request.state + '/bin', request.paths.root + '/bin'],
      })`);
    expect(result).toEqual({
      ok: true,
      value: {
        install: [],
        prepare: [
          { kind: 'build', label: 'make it', command: { type: 'tool', tool: 'odd/make', input: {} } },
        ],
        serve: { type: 'command', label: 'serve index.x', line: `exec ${state}/server` },
        env: { CLEAN: 'true' },
        programs: [`${state}/bin`, `${folder}/api/bin`],
        reload: 'restart',
      },
    });
  });

  it('may serve by a module of its own', async () => {
    const { result, folder } = await develop(
      "return ok({ serve: { type: 'module', file: new URL('./make.mjs', import.meta.url).pathname } })",
    );
    expect(result).toMatchObject({ ok: true, value: { serve: { file: join(folder, 'tool/make.mjs') } } });
  });

  it('says itself what a user has done wrong', async () => {
    const { result } = await develop("return failed({ code: 'tool-missing', message: 'no odd here' })");
    expect(failuresOf(result)).toEqual([{ code: 'tool-missing', message: 'no odd here' }]);
  });

  it.each([
    [
      'throws',
      "throw new Error('boom')",
      /"odd" \(\.\/tool\) failed while saying how service "api" runs.*: boom/,
    ],
    ['exits', 'process.exit(3)', /ended its process with exit code 3 while saying how/],
    ['hangs', 'await new Promise(() => setInterval(() => {}, 1000))', /did not answer within 5 s/],
    ['starts a program', "spawnSync('true')", /tried to start a program/],
    ['writes', "fs.mkdirSync(request.paths.root + '/made')", /tried to write .*\/api\/made/],
    ['returns nothing', 'return undefined', /did not return a plan for development/],
    [
      'returns another shape',
      "return ok({ serve: { type: 'magic' } })",
      /did not return a plan for development .*serve\.type/,
    ],
    [
      'serves files of another service',
      "return ok({ serve: { type: 'files', from: '../other', files: null, cleanUrls: false } })",
      /claims \.\.\/other \(serve\.from\), which belongs to the service "other"/,
    ],
    [
      'serves files outside of its root',
      "return ok({ serve: { type: 'files', from: '.', files: ['../../etc/passwd'], cleanUrls: false } })",
      /names \.\.\/\.\.\/etc\/passwd \(serve\.files\), which is outside/,
    ],
    [
      'serves by a module of nobody',
      "return ok({ serve: { type: 'module', file: '/etc/module.mjs' } })",
      /names \/etc\/module\.mjs \(serve\.file\), which is neither in/,
    ],
    [
      'brings programs of nobody',
      "return ok({ serve: { type: 'command', label: 'a', line: 'a' }, programs: ['/usr/sbin'] })",
      /names \/usr\/sbin \(programs\)/,
    ],
    [
      'prepares by a tool that it does not bring',
      "return ok({ serve: { type: 'command', label: 'a', line: 'a' }, prepare: [{ kind: 'build', label: 'b', command: { type: 'tool', tool: 'node/bundle', input: {} } }] })",
      /runs the tool "node\/bundle", but its tools are make/,
    ],
  ])('is named and explained when it %s', async (_, body, message) => {
    const { result } = await develop(body);
    const [failure] = failuresOf(result);
    expect(failure).toMatchObject({ code: 'builder-failed', message: expect.stringMatching(message) });
    expect(failure?.help).toBeTruthy();
  });

  it('is not asked where it has no develop', async () => {
    const source = `
      import { defineBuilder, ok } from 'svc/builder-kit';
      export default defineBuilder({ name: 'plain', version: '1', plan: () => ok({ steps: [] }), finish: () => ok({ version: 3 }) });`;
    expect(builderOf(await load(source)).develop).toBeUndefined();
  });
});
