import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builderOf, bundledPrograms, failuresOf, load } from './support/workshop.ts';

bundledPrograms();

/** The source of a builder whose `plan` and `finish` have these bodies. */
const builder = (plan: string, finish = 'return ok({ version: 3 })', more = '') => `
import { defineBuilder, ok, failed } from 'svc/builder-kit';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
export default defineBuilder({ name: 'odd', version: '1', ${more}
  async plan(request) { ${plan} }, async finish(request) { ${finish} } });`;
const STEPS = 'return ok({ steps: [] })';

async function planFailures(body: string, local = {}) {
  const loaded = await load(builder(body), { local });
  return failuresOf(await builderOf(loaded).plan(loaded.planRequest));
}

async function finishFailures(body: string, view = {}) {
  const loaded = await load(builder(STEPS, body));
  return failuresOf(await builderOf(loaded).finish(loaded.finishRequest(view)));
}

describe('a builder that misbehaves while planning is named and explained', () => {
  it.each([
    ['throws', "throw new Error('boom')", /"odd" \(\.\/tool\) failed while planning service "api": boom/],
    ['throws what is no error', "throw 'nonsense'", /failed while planning service "api": nonsense/],
    ['exits', 'process.exit(0)', /ended its process with exit code 0 while planning service "api"/],
    ['exits with another code', 'process.exit(7)', /ended its process with exit code 7/],
    ['kills itself', "process.kill(process.pid, 'SIGKILL')", /was ended by SIGKILL/],
    [
      'crashes beside its result',
      "setTimeout(() => { throw new Error('later') }); await new Promise(() => setInterval(() => {}, 1000))",
      /exit code 1/,
    ],
    ['never has anything to do', 'await new Promise(() => {})', /did not answer within 1 s/],
    ['spins', 'for (;;) {}', /did not answer within 1 s while planning service "api"/],
    [
      'prints a gigabyte',
      "const line = 'x'.repeat(1 << 16) + '\\n'; for (let i = 0; i < 16384; i++) await new Promise(next => process.stdout.write(line, next)); return ok({ steps: [] })",
      /printed without end while planning/,
    ],
    ['starts a program', "spawnSync('true'); return ok({ steps: [] })", /tried to start a program/],
    [
      'writes into the checkout',
      "fs.writeFileSync(request.paths.root + '/made', ''); return ok({ steps: [] })",
      /tried to write .*\/api\/made, which is not in its output/,
    ],
    ['returns nothing', 'return undefined', /did not return a plan while planning service "api"/],
    [
      'returns a plan of its own shape',
      "return ok({ steps: [{ run: 'make' }] })",
      /did not return a plan .*steps\.0\.kind/,
    ],
    [
      'fails with a code of its own',
      "return failed({ code: 'no-idea', message: 'm' })",
      /did not return a plan .*failures\.0\.code/,
    ],
    [
      'has a step for a tool that it does not bring',
      "return ok({ steps: [{ kind: 'build', label: 'b', command: { type: 'tool', tool: 'node/bundle', input: {} } }] })",
      /runs the tool "node\/bundle", but its tools are none/,
    ],
    [
      'leaves the root',
      "return ok({ steps: [], outputDirectory: '../../etc' })",
      /names \.\.\/\.\.\/etc \(outputDirectory\), which is outside/,
    ],
    [
      'names an absolute path',
      "return ok({ steps: [], caches: ['/etc'] })",
      /names \/etc \(caches\), which is outside/,
    ],
    [
      "claims another service's files",
      "return ok({ steps: [{ kind: 'build', label: 'steal', command: { type: 'shell', line: 'true' }, outputs: ['../other/dist'] }] })",
      /claims \.\.\/other\/dist \(outputs of the step "steal"\), which belongs to the service "other"/,
    ],
    [
      "reads another service's files",
      "return ok({ steps: [], inputs: ['other/secret.txt'] })",
      /names the input other\/secret\.txt, which belongs to the service "other"/,
    ],
  ])('%s', async (_, body, message) => {
    const [failure, ...others] = await planFailures(body, {
      builderTimeout: /1 s/.test(message.source) ? 1 : 30,
    });
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ code: 'builder-failed', message: expect.stringMatching(message) });
    expect(failure?.help).toBeTruthy();
  });

  it('all that is wrong with a plan is told at once', async () => {
    const failures = await planFailures("return ok({ steps: [], caches: ['../other', '/a', '../b'] })");
    expect(failures).toHaveLength(3);
  });

  it('its own failures pass unchanged', async () => {
    const position = { file: 'api/index.x', line: 2, column: 3 };
    const told = { code: 'entrypoint-invalid', message: 'not a program', help: 'Write one.', position };
    expect(await planFailures(`return failed(${JSON.stringify(told)})`)).toEqual([told]);
  });
});

describe('a builder that misbehaves while finishing', () => {
  it.each([
    ['throws', "throw new Error('boom')", /failed while finishing service "api": boom/],
    [
      'returns another version',
      'return ok({ version: 2 })',
      /did not return a service's config.json .*version/,
    ],
    [
      'writes beside its output',
      "fs.writeFileSync(request.output + '/../stolen', ''); return ok({ version: 3 })",
      /tried to write .*stolen, which is not in its output/,
    ],
    [
      'has the view copied elsewhere',
      "await request.view.copy('api', request.output + '/../elsewhere').catch(() => {}); return ok({ version: 3 })",
      /tried to copy api to .*elsewhere, which is not in its output/,
    ],
  ])('%s', async (_, body, message) => {
    const failures = await finishFailures(body, { copy: async () => undefined });
    expect(failures).toMatchObject([{ code: 'finish-failed', message: expect.stringMatching(message) }]);
  });
});

describe('a module that is no builder', () => {
  it.each([
    ['does not parse', 'export default {', 'builder-failed', /cannot be loaded/],
    [
      'lacks a package',
      "import 'no-such-package'",
      'builder-failed',
      /cannot be loaded: Cannot find package 'no-such-package'/,
    ],
    ['throws when it is loaded', "throw new Error('at once')", 'builder-failed', /cannot be loaded: at once/],
    ['exits when it is loaded', 'process.exit(3)', 'builder-failed', /exit code 3 while being loaded/],
    [
      'exports something else',
      'export const answer = 42',
      'builder-failed',
      /is no builder: it exports answer/,
    ],
    [
      'has no name',
      'export default { version: "1", plan() {}, finish() {} }',
      'builder-failed',
      /does not say properly what it is: name/,
    ],
    [
      "takes one of svc's names",
      builder(STEPS).replace("'odd'", "'node'"),
      'builder-failed',
      /calls itself "node"/,
    ],
    [
      'has a tool that is elsewhere',
      builder(STEPS, undefined, "tools: { sh: '/bin/sh' },"),
      'builder-failed',
      /has the tool "sh" at \/bin\/sh/,
    ],
  ] as const)('%s', async (_, source, code, message) => {
    const { result } = await load(source);
    expect(failuresOf(result)).toMatchObject([{ code, message: expect.stringMatching(message) }]);
  });

  it('a path that leads nowhere, and a package that is not installed, say what to do', async () => {
    const [path] = failuresOf((await load('', { reference: './no/such' })).result);
    expect(path).toMatchObject({ code: 'builder-not-found', message: expect.stringContaining('./no/such') });
    const [name] = failuresOf((await load('', { reference: 'svc-cobol' })).result);
    expect(name).toMatchObject({
      code: 'builder-not-found',
      message: 'the builder "svc-cobol" in svc.json is not installed',
    });
    expect(name?.help).toContain('npm install --save-dev svc-cobol');
  });

  it("a package of Vercel's contract goes to whoever takes those, installed or not", async () => {
    const asked: unknown[] = [];
    const foreign = (each: { reference: string; version: number | null }) => {
      asked.push([each.reference, each.version]);
      return undefined;
    };
    await load('export const version = 3; export const build = () => {}', { foreign });
    await load('', { reference: '@vercel/ruby', foreign });
    expect(asked).toEqual([
      ['./tool', 3],
      ['@vercel/ruby', null],
    ]);
  });
});

describe('a builder that behaves', () => {
  it('is asked across the border as it would be at home', async () => {
    const loaded = await load(
      builder(
        "return ok({ steps: [{ kind: 'build', label: request.script('build').label, command: { type: 'shell', line: request.script('build').line } }, { kind: 'bundle', label: 'pack', command: { type: 'tool', tool: 'pack', input: { none: request.script('toString') ?? null } } }] })",
        "const { view, output } = request; fs.mkdirSync(output + '/static'); fs.writeFileSync(output + '/static/kind', JSON.stringify([await view.stat('api'), await view.list('none') ?? null])); await view.copy('api', output + '/functions', path => path !== 'api/dist/no'); return ok({ version: 3, wildcard: [] })",
        "detects: ['index.x'], tools: { pack: new URL('./pack.mjs', import.meta.url) },",
      ),
      { files: { 'tool/pack.mjs': '' } },
    );
    const odd = builderOf(loaded);
    expect(odd).toMatchObject({
      name: 'odd',
      version: expect.stringMatching(/^1\+[0-9a-f]{12}$/),
      detects: ['index.x'],
    });
    expect(odd.tools).toEqual({ 'odd/pack': join(loaded.folder, 'tool', 'pack.mjs') });
    expect(Object.keys(loaded.plugins.preloads)).toEqual(['odd/pack']);
    expect(loaded.plugins.folders).toEqual([{ from: join(loaded.folder, 'tool'), name: 'project/tool' }]);
    const plan = await odd.plan(loaded.planRequest);
    expect(plan).toMatchObject({
      ok: true,
      value: {
        entrypoint: 'index.x',
        steps: [
          { label: 'npm run build', command: { line: 'make it' } },
          { command: { tool: 'odd/pack', input: { none: null } } },
        ],
      },
    });
    const copies: unknown[] = [];
    const names: Record<string, string[]> = { api: ['dist', 'index.x'], 'api/dist': ['no', 'yes'] };
    const request = loaded.finishRequest({
      stat: async name => ({ name, kind: 'directory' }),
      list: async path =>
        names[path]?.map(name => ({
          name,
          kind: name === 'dist' ? ('directory' as const) : ('file' as const),
        })),
      copy: async (path, to, keep) => {
        copies.push([
          path,
          to,
          ['api/dist', 'api/dist/no', 'api/dist/yes', 'api/index.x'].filter(each => keep?.(each)),
        ]);
      },
    });
    expect(await odd.finish(request)).toEqual({ ok: true, value: { version: 3, wildcard: [] } });
    expect(copies).toEqual([
      ['api', join(request.output, 'functions'), ['api/dist', 'api/dist/yes', 'api/index.x']],
    ]);
    expect(JSON.parse(readFileSync(join(request.output, 'static', 'kind'), 'utf8'))).toEqual([
      { name: 'api', kind: 'directory' },
      null,
    ]);
  });

  it('has what it prints told as output, and no more of it than anybody reads', async () => {
    const loaded = await load(builder(`for (let i = 0; i < 5000; i++) console.log('line', i); ${STEPS}`));
    expect((await builderOf(loaded).plan(loaded.planRequest)).ok).toBe(true);
    const lines = loaded.events.flatMap(event => (event.type === 'step.output' ? [event.line] : []));
    expect(lines).toHaveLength(1001);
    expect(lines[0]).toBe('line 0');
    expect(lines.at(-1)).toBe('… 4000 more lines are not shown');
  });

  it("sees nothing of the caller's secrets", async () => {
    process.env.SVC_TEST_SECRET = 'hush';
    const loaded = await load(builder(`return ok({ steps: [], data: { env: Object.keys(process.env) } })`));
    const plan = await builderOf(loaded).plan(loaded.planRequest);
    delete process.env.SVC_TEST_SECRET;
    expect(plan.ok && plan.value.data.env).not.toContain('SVC_TEST_SECRET');
  });

  it('is stopped with everything else when the user stops svc', async () => {
    const stop = new AbortController();
    const loaded = await load(builder('console.log(process.pid); for (;;) {}'), { signal: stop.signal });
    const planning = builderOf(loaded).plan(loaded.planRequest);
    const pid = await new Promise<number>(resolve => {
      const look = () => {
        const line = loaded.events.find(event => event.type === 'step.output');
        if (line?.type === 'step.output') resolve(Number(line.line));
        else setImmediate(look);
      };
      look();
    });
    expect(existsSync(`/proc/${pid}`)).toBe(process.platform === 'linux');
    stop.abort();
    expect(await planning).toEqual({ ok: false, failures: [] });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

it('leaves nothing in the project but its output', async () => {
  const loaded = await load(builder(STEPS));
  mkdirSync(join(loaded.folder, 'empty'));
  await builderOf(loaded).plan(loaded.planRequest);
  expect(readdirSync(loaded.folder).sort()).toEqual(['.svc', 'api', 'empty', 'other', 'tool']);
});
