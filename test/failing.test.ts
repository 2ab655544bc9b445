import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, RunSummary, SvcEvent } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { containerProjects } from './failing/container.ts';
import { goProjects } from './failing/go.ts';
import { nextProjects } from './failing/next.ts';
import { nodeProjects } from './failing/node.ts';
import { pluginProjects } from './failing/plugins.ts';
import type { FailingProject } from './failing/project.ts';
import { pythonProjects } from './failing/python.ts';
import { rustProjects } from './failing/rust.ts';
import { eventsIn, projectOf, svc } from './support/cli.ts';
import { pathOfTheSystem, toolIsHere } from './support/tools.ts';

const projects: readonly FailingProject[] = [
  ...nodeProjects,
  ...nextProjects,
  ...pythonProjects,
  ...goProjects,
  ...rustProjects,
  ...containerProjects,
  ...pluginProjects,
];
const messages = new Map<string, string>();

describe('projects that cannot be built', () => {
  for (const project of projects) {
    const missing = (project.needs ?? []).filter(
      tool => !toolIsHere(tool, [tool === 'go' || tool === 'docker' ? 'version' : '--version']),
    );
    const reason = missing.length > 0 ? ` (needs ${missing.join(', ')})` : '';
    it.skipIf(missing.length > 0)(`${project.name}${reason}`, () => check(project));
  }

  it('are told in the words of test/failing/messages.md', async ctx => {
    if (messages.size < projects.length) return ctx.skip('some of them could not be built here');
    const text = projects.map(({ name }) => messages.get(name)).join('\n');
    await expect(`# What svc says of projects that it cannot build\n\n${text}`).toMatchFileSnapshot(
      './failing/messages.md',
    );
  });
});

async function check(project: FailingProject): Promise<void> {
  const folder = await projectOf({
    'vercel.json': {
      services: { site: { root: 'site' }, api: { root: 'api', ...project.service } },
      rewrites: [
        { source: '/api/:path*', destination: { service: 'api' } },
        { source: '/(.*)', destination: { service: 'site' } },
      ],
    },
    'site/index.html': '<h1>site</h1>\n',
    ...project.files,
  });
  await mkdir(join(folder, 'api'), { recursive: true });
  const { env = {}, stop } = (await project.surroundings?.(folder)) ?? {};
  try {
    const { code, stdout, stderr } = await svc(['build', '--json', ...(project.args ?? [])], {
      cwd: folder,
      env: { PATH: pathOfTheSystem(), ...env },
    });
    const events = eventsIn(stdout);
    const failures = failuresIn(events);
    const told = tell(project.name, code, failures, events);
    messages.set(project.name, onAnyMachine(told, folder));
    expect(code, told).toBe(project.expected.exit);
    expect(
      failures.map(failure => failure.code),
      told,
    ).toEqual(project.expected.failures.map(({ code }) => code));
    project.expected.failures.forEach((expected, index) => {
      const failure = failures[index];
      expect(failure?.service).toBe('api');
      expect(failure?.message).toMatch(expected.cause);
      if (expected.wayOut) expect(failure?.help ?? '', told).toMatch(expected.wayOut);
      else expect(failure?.position, told).toBeDefined();
      if (expected.file) expect(places(failure), told).toContain(expected.file);
    });
    expect(told + stderr, 'no stack trace').not.toMatch(
      /^\s+at .*[(:/].*:\d+|Traceback|node:internal|a bug in svc/m,
    );
    expect(isBuilt(events, 'site'), told).toBe(project.expected.otherIsBuilt);
  } finally {
    await stop?.();
  }
}

function summaryIn(events: readonly SvcEvent[]): RunSummary | undefined {
  return events.flatMap(event => (event.type === 'run.finished' ? [event.summary] : [])).at(-1);
}

function failuresIn(events: readonly SvcEvent[]): readonly Failure[] {
  return (
    summaryIn(events)?.failures ?? events.flatMap(event => (event.type === 'failure' ? [event.failure] : []))
  );
}

function isBuilt(events: readonly SvcEvent[], service: string): boolean {
  return events.some(event => event.type === 'service.finished' && event.service === service);
}

function places({ position, message, help = '' }: Failure = { code: 'build-failed', message: '' }): string {
  const at = position ? `${position.file}:${position.line}:${position.column}` : '';
  return [at, message, help].join('\n');
}

/** What a reader of the terminal learns, without the output of tools, whose words are their own and change. */
function tell(
  name: string,
  code: number | null,
  failures: readonly Failure[],
  events: readonly SvcEvent[],
): string {
  const lines = failures.flatMap(({ code, service, position, message, help }) => [
    '',
    `    ${service ?? '-'}: ${message.replaceAll('\n', '\n    ')} [${code}]`,
    ...(position ? [`      ${position.file}:${position.line}:${position.column}`] : []),
    ...(help ? help.split('\n').map(line => `      ${line}`.trimEnd()) : []),
  ]);
  const other = isBuilt(events, 'site') ? 'the other service is built' : 'nothing is built';
  return [`## ${name}`, '', `Exit code ${code}; ${other}.`, ...lines, ''].join('\n');
}

/** The same text whatever is installed where, and in whichever words registries refuse. */
function onAnyMachine(text: string, folder: string): string {
  return text
    .replaceAll(folder, '<project>')
    .replace(/interpreters? found, Python \d.*?(?= \[)/g, 'interpreters found, <interpreters>')
    .replace(/(refuses Node |the Go found is )\d+\.\d+\.\d+/g, '$1<version>')
    .replace(/(cannot be had: ).*(?= \[)/g, '$1<why>')
    .replace(/(its daemon does not answer: ).*(?= \[)/g, '$1<why>')
    .replace(/(COPY index\.html \/index\.html" failed: ).*(?= \[)/g, '$1<why>');
}
