import type { Failure, SvcEvent } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import type { ReporterMode } from '../src/index.ts';
import type { Timed } from './support/events.ts';
import { record } from './support/recorder.ts';

/** What a program may print to make a CI system or a terminal do something. */
const COMMANDS = [
  '::add-mask::secret',
  '  ::set-output name=a::b',
  '\t::error::not mine',
  '\u001b[31m::error::in red',
  'text\r::endgroup::',
  '::stop-commands::token',
  '##[error]old form',
  'somewhere ##[endgroup] in a line',
  '##vso[task.setvariable variable=PATH]evil',
  'somewhere ##VSO[task.complete result=Succeeded]',
  '\u001b[0Ksection_end:1700000000:svc_web\r\u001b[0K',
  'section_start:1:x\r\u001b[0Kfake',
  '\u001b[2J\u001b[H',
  '\u001b]8;;https://example.com\u0007click\u001b]8;;\u0007',
  '\u009b2J',
  '\u001b[1;1H\u001b[31mred',
  'first\nsecond ::error::x',
  '\u202egnp.exe',
];

const failure: Failure = {
  code: 'build-failed',
  service: 'web',
  message: 'it failed\n::error::message\r##[error]x ##vso[task.complete]',
  help: '::warning::help\n##[error]help',
  position: { file: 'a,b:c%.json', line: 1, column: 2, lineText: '::error::frame \u001b[2J' },
  output: COMMANDS,
};

function stream(): Timed[] {
  const output = COMMANDS.map(
    (line): SvcEvent => ({ type: 'step.output', step: 'web:build', service: 'web', stream: 'stdout', line }),
  );
  const events: SvcEvent[] = [
    { type: 'run.started', services: ['web', 'api'], steps: 2, concurrency: 1, isolation: 'copy' },
    { type: 'warning', notice: { code: 'w', message: 'multi\n::error::line', help: '##[group]x' } },
    {
      type: 'step.started',
      step: 'web:build',
      service: 'web',
      services: ['web'],
      label: 'echo\r\n::error::label',
    },
    ...output,
    { type: 'step.finished', step: 'web:build', service: 'web', ok: false, exitCode: 1, duration: 1 },
    { type: 'service.failed', service: 'web', failure, duration: 1 },
    { type: 'step.started', step: 'api:build', service: 'api', services: ['api'], label: '::error::label' },
    ...output.map((event): SvcEvent => ({ ...event, step: 'api:build', service: 'api' }) as SvcEvent),
    { type: 'service.finished', service: 'api', duration: 1, size: 1, files: 1, functions: 0 },
    {
      type: 'run.finished',
      summary: {
        ok: false,
        duration: 3,
        services: [{ name: 'web', state: 'failed', duration: 1, size: 0 }],
        routes: [{ source: '::error::route\u001b[2J', target: 'web\u009b2J' }],
        failures: [failure],
        unpromised: ['::error::unpromised\u001b[H'],
      },
    },
  ];
  return events.map((event, index) => [index, event]);
}

const logged = (mode: ReporterMode, color = false) => record(mode, stream(), { color }).stderr;

/** Lines that GitHub's runner takes for commands: after leading space, and old ones anywhere. Colours are looked through. */
function githubCommands(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked through
  const lines = text.split(/\r?\n|\r/).map(line => line.replace(/\u001b\[[0-9;:]*m/g, ''));
  return lines.filter(line => line.trimStart().startsWith('::') || line.includes('##['));
}

describe('what programs print', () => {
  it.each([false, true])('is no command to GitHub (colour: %s)', color => {
    const commands = githubCommands(logged('github', color));
    expect(commands.map(command => /^::(\w+)/.exec(command)?.[1])).toEqual([
      'group',
      'endgroup',
      'warning',
      'error',
    ]);
  });

  it.each([false, true])('is no command to Azure (colour: %s)', color => {
    const commands = logged('azure', color)
      .split('\n')
      .filter(line => /##vso\[|##\[/i.test(line));
    expect(commands.map(command => command.slice(0, 22))).toEqual([
      '##[group]api: done in ',
      '##[endgroup]',
      '##vso[task.logissue ty',
      '##vso[task.logissue ty',
    ]);
  });

  it('is no section to GitLab', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a section looks like
    const sections = [...logged('gitlab').matchAll(/section_(start|end):\d+:(\w+)[^\r\n]*\r\u001b\[0K/g)].map(
      match => match[0],
    );
    expect(sections).toHaveLength(2);
    expect(sections.every(section => section.includes(':svc_api'))).toBe(true);
  });

  it.each(['plain', 'github', 'azure'] as const)(
    'cannot move the cursor, erase, set titles or turn text around (%s)',
    mode => {
      for (const color of [false, true]) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
        const rest = logged(mode, color).replace(/\u001b\[[0-9;:]*m/g, '');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(rest).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }
    },
  );
});

describe('annotations', () => {
  it('on GitHub have their values escaped', () => {
    const lines = logged('github').split('\n');
    expect(lines.find(line => line.startsWith('::error'))).toBe(
      '::error file=a%2Cb%3Ac%25.json,line=1,col=2,title=web%3A build-failed::it failed%0A##[error]x ##vso[task.complete]%0A::warning::help%0A##[error]help',
    );
    expect(lines.find(line => line.startsWith('::warning'))).toBe(
      '::warning title=w::multi%0A::error::line%0A##[group]x',
    );
  });

  it('on Azure have their values escaped', () => {
    expect(
      logged('azure')
        .split('\n')
        .find(line => line.includes('type=error')),
    ).toBe(
      '##vso[task.logissue type=error;sourcepath=a,b:c%AZP25.json;linenumber=1;columnnumber=2;code=build-failed;]web: it failed%0A##[error]x ##vso[task.complete]',
    );
  });
});
