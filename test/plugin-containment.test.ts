import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, eventsIn, projectOf, start, svc, writeFiles } from './support/cli.ts';

/** A builder whose `plan` and `finish` have these bodies. */
const builder = (name: string, plan: string, finish: string) => `
import { defineBuilder, ok } from 'svc/builder-kit';
import fs from 'node:fs';
export default defineBuilder({ name: '${name}', version: '1',
  tools: { shout: new URL('./shout.mjs', import.meta.url) },
  async plan(request) { ${plan} }, async finish(request) { ${finish} } });`;

const SHOUT = `return ok({ steps: [{ kind: 'build', label: 'shout', command: { type: 'tool', tool: 'shout', input: {} } }] })`;
const tool = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ok, runTool } from 'svc/builder-kit';
import { louder } from 'louder';
import { end } from './own/end.mjs';
await runTool(async (_, { output }) => {
  mkdirSync(output + '/static');
  writeFileSync(output + '/static/said.txt', louder(readFileSync('said.txt', 'utf8')) + end);
  return ok(undefined);
});`;

/** A builder as a package, with a dependency that npm has put beside it. */
const installed = {
  'node_modules/svc-shout/package.json': {
    name: 'svc-shout',
    version: '2.1.0',
    type: 'module',
    main: 'index.mjs',
  },
  'node_modules/svc-shout/index.mjs': builder('shout', SHOUT, 'return ok({ version: 3 })'),
  'node_modules/svc-shout/shout.mjs': tool,
  'node_modules/svc-shout/own/end.mjs': "export const end = '!';",
  'node_modules/louder/package.json': {
    name: 'louder',
    version: '1.0.0',
    type: 'module',
    exports: './index.mjs',
  },
  'node_modules/louder/index.mjs': 'export const louder = text => text.toUpperCase();',
};

const project = (services: Record<string, string>, files: Record<string, string | object> = {}) =>
  projectOf({
    ...installed,
    'vercel.json': {
      services: Object.fromEntries(['site', ...Object.keys(services)].map(name => [name, { root: name }])),
      rewrites: ['site', ...Object.keys(services)].map(service => ({
        source: `/${service}`,
        destination: { service },
      })),
    },
    'svc.json': {
      services: Object.fromEntries(
        Object.entries(services).map(([name, reference]) => [
          name,
          { builder: reference, builderTimeout: 1 },
        ]),
      ),
    },
    '.gitignore': 'node_modules/\n.svc/\n.vercel/\n',
    'site/index.html': 'site',
    ...Object.fromEntries(Object.keys(services).map(name => [`${name}/said.txt`, name])),
    ...files,
  });

describe('a builder that is a package', () => {
  it.each(['auto', 'strict', 'copy', 'none'])(
    'builds with its dependencies in reach, isolation %s',
    async isolation => {
      const folder = await project({ voice: 'svc-shout' });
      await build(folder, ['--isolation', isolation]);
      const said = join(folder, '.vercel/output/services/voice/static/said.txt');
      expect(await readFile(said, 'utf8')).toBe('VOICE!');
      const manifest = JSON.parse(await readFile(join(folder, '.vercel/output/deployment.json'), 'utf8'));
      expect(manifest.tools['builder:shout']).toBe('1 (svc-shout@2.1.0)');
    },
  );
});

describe('a builder that misbehaves', () => {
  it('while finishing fails its own service; the others are built, and the last deployment stays', async () => {
    const folder = await project({ voice: 'svc-shout' });
    await build(folder);
    const before = await readFile(join(folder, '.vercel/output/deployment.json'), 'utf8');
    const finish = "console.log('stuck'); for (;;) {}";
    await writeFiles(folder, {
      'node_modules/svc-shout/index.mjs': builder('shout', SHOUT, finish),
    });
    const ended = await svc(['build', '--json'], { cwd: folder });
    expect(ended.code).toBe(30);
    const events = eventsIn(ended.stdout);
    const failures = events.flatMap(event => (event.type === 'service.failed' ? [event.failure] : []));
    expect(failures).toMatchObject([
      {
        code: 'finish-failed',
        service: 'voice',
        message: 'the builder "shout" (svc-shout) did not answer within 1 s while finishing service "voice"',
        output: ['stuck'],
      },
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'service.finished', service: 'site' }));
    expect(await readFile(join(folder, '.vercel/output/deployment.json'), 'utf8')).toBe(before);
  });

  it('while planning is told together with all that is wrong with others', async () => {
    const folder = await project(
      { one: './tools/throws', two: './tools/exits', three: './tools/none' },
      {
        'tools/throws/index.mjs': builder('throws', "throw new Error('boom')", ''),
        'tools/exits/index.mjs': builder('exits', 'process.exit(0)', ''),
        'tools/throws/shout.mjs': '',
        'tools/exits/shout.mjs': '',
      },
    );
    const ended = await svc(['build'], { cwd: folder });
    expect(ended.code).toBe(20);
    expect(ended.stderr).toContain(
      'the builder "throws" (./tools/throws) failed while planning service "one": boom',
    );
    expect(ended.stderr).toContain('the builder "exits" (./tools/exits) ended its process with exit code 0');
    expect(ended.stderr).toContain('the builder "./tools/none" is not there');
    expect(await readdir(folder)).not.toContain('.vercel');
  });

  it('is gone at once when the user stops svc', async () => {
    const folder = await project(
      { voice: './tools/hangs' },
      {
        'tools/hangs/index.mjs': builder('hangs', "console.log('pid ' + process.pid); for (;;) {}", ''),
        'tools/hangs/shout.mjs': '',
        'svc.json': { services: { voice: { builder: './tools/hangs' } } },
      },
    );
    const { child, ended } = start(['plan'], { cwd: folder });
    const pid = await new Promise<number>(resolve => {
      let text = '';
      child.stderr?.on('data', chunk => {
        text += chunk;
        const [, found] = /pid (\d+)/.exec(text) ?? [];
        if (found) resolve(Number(found));
      });
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it("of Vercel's contract is told apart", async () => {
    const folder = await project(
      { voice: 'their-builder' },
      {
        'node_modules/their-builder/package.json': {
          name: 'their-builder',
          version: '1.0.0',
          main: 'index.js',
        },
        'node_modules/their-builder/index.js': 'exports.version = 3; exports.build = async () => ({});',
      },
    );
    const ended = await svc(['plan'], { cwd: folder });
    expect(ended.code).toBe(20);
    expect(ended.stderr).toContain('"their-builder" follows Vercel\'s Builder contract (version 3)');
  });
});

it('svc is not needed among the packages of a project for its builders to find the kit', async () => {
  const folder = await project(
    { voice: './tools/shout' },
    {
      'tools/shout/index.mjs': builder('near', SHOUT, 'return ok({ version: 3 })'),
      'tools/shout/shout.mjs': tool,
      'tools/shout/own/end.mjs': "export const end = '?';",
    },
  );
  // A workspace links its members; the module that counts is where the link leads.
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink('../tools/shout', join(folder, 'node_modules', 'linked'));
  await writeFiles(folder, { 'svc.json': { services: { voice: { builder: 'linked' } } } });
  await build(folder);
  expect(await readFile(join(folder, '.vercel/output/services/voice/static/said.txt'), 'utf8')).toBe(
    'VOICE?',
  );
});
