import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectOf } from './support/cli.ts';
import { dev } from './support/dev.ts';

const plan = 'plan: () => ok({ steps: [] }), finish: () => ok({ version: 3 }),';
const head = "import { defineBuilder, ok, failed } from 'svc/builder-kit';";
const serving = `
import http from 'node:http';
import { readFileSync } from 'node:fs';
const made = readFileSync(process.env.MADE, 'utf8');
http.createServer((_, response) => response.end(made)).listen(process.env.PORT);`;

/** A tool of the builder's own makes a file of the sources in the service's state, and a program serves it. */
const shout = `${head}
import { fileURLToPath } from 'node:url';
export default defineBuilder({ name: 'shout', version: '1', tools: { shout: new URL('./shout.mjs', import.meta.url) }, ${plan}
  develop({ state }) {
    console.log('asked how it develops');
    return ok({
      prepare: [{ kind: 'build', label: 'shout', command: { type: 'tool', tool: 'shout', input: { file: 'said.txt' } } }],
      serve: { type: 'module', file: fileURLToPath(new URL('./serve.mjs', import.meta.url)) },
      env: { MADE: state + '/made.txt' },
    });
  } });`;
const tool = `
import { readFileSync, writeFileSync } from 'node:fs';
import { failed, ok, runTool } from 'svc/builder-kit';
await runTool(async ({ file }, { root, output }) => {
  const text = readFileSync(root + '/' + file, 'utf8');
  if (text.includes('?')) return failed({ code: 'build-failed', message: 'it asks rather than says', position: { file: 'site/said.txt', line: 1, column: 1 } });
  writeFileSync(output + '/made.txt', text.toUpperCase());
  return ok(undefined);
});`;

it('runs services of builders from elsewhere, and says of those that it cannot run what to do', async () => {
  const folder = await projectOf({
    'vercel.json': {
      services: {
        site: { root: 'site' },
        mute: { root: 'mute' },
        bad: { root: 'bad' },
        own: {
          root: 'mute',
          devCommand: `node -e "require('http').createServer((_, r) => r.end('own command')).listen(process.env.PORT)"`,
        },
      },
      rewrites: ['site', 'mute', 'bad', 'own'].map(service => ({
        source: `/${service}`,
        destination: { service },
      })),
    },
    'svc.json': {
      services: {
        site: { builder: './tools/shout' },
        mute: { builder: './tools/mute' },
        bad: { builder: './tools/bad' },
        own: { builder: './tools/mute' },
      },
    },
    'site/said.txt': 'hello',
    'mute/file.txt': '',
    'bad/file.txt': '',
    'tools/shout/index.mjs': shout,
    'tools/shout/shout.mjs': tool,
    'tools/shout/serve.mjs': serving,
    'tools/mute/index.mjs': `${head} export default defineBuilder({ name: 'mute', version: '1', ${plan} });`,
    'tools/bad/index.mjs': `${head} export default defineBuilder({ name: 'bad', version: '1', ${plan} develop: () => process.exit(1) });`,
  });
  const running = await dev(folder);
  const failureOf = async (name: string, after = 0) =>
    (await running.next('service.failed', ({ service }) => service === name, after)).failure;
  expect(await failureOf('mute')).toMatchObject({
    code: 'dev-command-missing',
    message: 'the builder "mute" builds service "mute", but does not say how it runs from its sources',
    help: expect.stringMatching(/"devCommand": .*"develop": see docs\/writing-a-builder\.md/s),
    position: { file: 'vercel.json' },
  });
  expect(await failureOf('bad')).toMatchObject({
    code: 'builder-failed',
    message: expect.stringContaining(
      'ended its process with exit code 1 while saying how service "bad" runs',
    ),
  });
  await running.ready('site');
  expect(await running.text('/site')).toBe('HELLO');
  const printed = running.events.flatMap(event => (event.type === 'service.output' ? [event] : []));
  expect(printed).toContainEqual(expect.objectContaining({ service: 'site', line: 'asked how it develops' }));
  await running.ready('own');
  expect(await running.text('/own')).toBe('own command');
  expect(await running.text('/mute')).toContain('does not say how it runs');

  const before = running.events.length;
  await writeFile(join(folder, 'site/said.txt'), 'really?');
  expect(await failureOf('site', before)).toMatchObject({
    message: 'it asks rather than says',
    position: { file: 'site/said.txt', line: 1 },
  });
  await writeFile(join(folder, 'site/said.txt'), 'really');
  await running.sees('/site', 'REALLY');
  expect((await running.stop('SIGTERM')).code).toBe(143);
});
