import { type BuilderDefinition, defineBuilder, failed, ok } from 'svc/builder-kit';
import { type Check, conformance, type Fixture } from 'svc/builder-kit/conformance';
import { describe, expect, it } from 'vitest';

// The suite is a test of builders, so here builders that are wrong on purpose are a test of the suite.

const fixture: Fixture = {
  name: 'page',
  files: { 'page.txt': 'text' },
  requests: [{ path: '/page.txt', expect: { body: 'text' } }],
};

/** A builder that publishes `dist/`, which this line makes. */
function published(line: string, more: Partial<BuilderDefinition> = {}) {
  return defineBuilder({
    name: 'tried',
    version: '1',
    plan: () => ok({ steps: [{ kind: 'build', label: 'make', command: { type: 'shell', line } }] }),
    async finish({ view, output, plan }) {
      await view.copy(`${plan.directory}/dist`, `${output}/static`);
      return ok({ version: 3 });
    },
    ...more,
  });
}

const GOOD = 'mkdir -p dist && cp page.txt dist/';
const CHECKS = [
  'builds, starts from a copy elsewhere and answers',
  'gives the same files again, built in another folder',
  'leaves an output that refers to nothing outside itself',
  'leaves the checkout as it was and holds nothing of anybody else',
  'stops when it is told to, and leaves no process',
];

/** What each check says of a builder: undefined when it is content. All are run, in order, as a test runner does. */
async function verdicts(checks: readonly Check[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const check of checks) {
    try {
      await check.run();
    } catch (error) {
      found[check.name.replace(/^.*?: /, '')] = (error as Error).message;
    }
  }
  return found;
}

/** The mark in the environment of the running step of the suite's build, as soon as it runs. */
async function markOf(): Promise<string> {
  const { readdirSync, readFileSync } = await import('node:fs');
  for (;;) {
    for (const name of readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
      try {
        const [mark] =
          /\/svc-conformance-[0-9a-f-]{36}/.exec(readFileSync(`/proc/${name}/environ`, 'latin1')) ?? [];
        if (mark) return mark;
      } catch {
        // Ended meanwhile, or another user's.
      }
    }
    await new Promise(setImmediate);
  }
}

describe('conformance', () => {
  it('is content with a builder that does right, and lists its checks by name', async () => {
    const checks = conformance(published(GOOD), [fixture]);
    expect(checks.map(({ name }) => name)).toEqual(CHECKS.map(name => `page: ${name}`));
    expect(checks.map(({ skip }) => skip)).toEqual(CHECKS.map(() => undefined));
    expect(await verdicts(checks)).toEqual({});
  });

  it('sees that the answer is another one', async () => {
    const found = await verdicts(
      conformance(published('mkdir dist && echo other > dist/page.txt'), [fixture]),
    );
    expect(Object.keys(found)).toEqual([CHECKS[0]]);
    expect(found[CHECKS[0] ?? '']).toContain('GET /page.txt: the body is "other\\n" instead of "text"');
  });

  it('sees what differs from build to build', async () => {
    const found = await verdicts(conformance(published(`${GOOD} && date +%N > dist/time.txt`), [fixture]));
    expect(Object.keys(found)).toEqual([CHECKS[1]]);
    expect(found[CHECKS[1] ?? '']).toMatch(/differ:\nchanged: static\/time\.txt$/);
  });

  it('lets what may differ differ', async () => {
    const varies = { files: /time\.txt$/, because: 'a clock' };
    const builder = published(`${GOOD} && date +%N > dist/time.txt`);
    expect(await verdicts(conformance(builder, [{ ...fixture, varies }]))).toEqual({});
  });

  it('sees what names the folder of the checkout', async () => {
    const found = await verdicts(conformance(published(`${GOOD} && pwd > dist/where.txt`), [fixture]));
    expect(Object.keys(found)).toEqual([CHECKS[1], CHECKS[2]]);
    expect(found[CHECKS[2] ?? '']).toContain('static/where.txt');
  });

  it('sees what a builder writes into the checkout', async () => {
    const builder = published(GOOD, {
      async plan({ paths }) {
        const { writeFile } = await import('node:fs/promises');
        await writeFile(`${paths.root}/made.txt`, '');
        return ok({ steps: [{ kind: 'build', label: 'make', command: { type: 'shell', line: GOOD } }] });
      },
    });
    const found = await verdicts(conformance(builder, [fixture]));
    expect(found[CHECKS[3] ?? '']).toContain('made: service/made.txt');
  });

  it("sees what is another service's, or the caller's", async () => {
    let project = '';
    const builder = published(GOOD, {
      plan({ paths }) {
        project = paths.boundary;
        return ok({ steps: [{ kind: 'build', label: 'make', command: { type: 'shell', line: GOOD } }] });
      },
      async finish({ view, output, plan }) {
        await view.copy(`${plan.directory}/dist`, `${output}/static`);
        const { copyFile } = await import('node:fs/promises');
        await copyFile(`${project}/neighbour/page.txt`, `${output}/static/stolen.txt`);
        return ok({ version: 3 });
      },
    });
    const found = await verdicts(conformance(builder, [fixture]));
    expect(Object.keys(found)).toEqual([CHECKS[3]]);
    expect(found[CHECKS[3] ?? '']).toContain('static/stolen.txt');
  });

  it('sees a process that outlives its build', async () => {
    // The suite marks its builds by PATH; a detached child of the builder's own code is beyond the reach of any isolation.
    const { spawn } = await import('node:child_process');
    const strays: ReturnType<typeof spawn>[] = [];
    const builder = published('env > dist.env; exec sleep 60', {
      plan: () =>
        ok({ steps: [{ kind: 'build', label: 'wait', command: { type: 'shell', line: 'exec sleep 60' } }] }),
    });
    const cancellation = conformance(builder, [fixture]).at(-1);
    const running = cancellation?.run();
    strays.push(
      spawn('sleep', ['60'], { env: { PATH: `/usr/bin:/bin:${await markOf()}` }, stdio: 'ignore' }),
    );
    await expect(running).rejects.toThrow(
      /these processes are left after the build was stopped:\n\d+ sleep 60/,
    );
    for (const stray of strays) stray.kill();
  });

  it('sees failures that do not help, and those that never come', async () => {
    const curt = published(GOOD, { plan: () => failed({ code: 'entrypoint-invalid', message: 'no' }) });
    const fails = [{ code: 'entrypoint-invalid', message: /^no$/ }] as const;
    const broken: Fixture = { name: 'broken', files: { 'page.txt': '' }, fails };
    const told = await verdicts(conformance(curt, [broken]));
    expect(Object.values(told)[0]).toContain('[entrypoint-invalid] does not say what to do');
    const helpful = published(GOOD, {
      plan: () => failed({ code: 'entrypoint-invalid', message: 'no', help: 'Write one.' }),
    });
    expect(await verdicts(conformance(helpful, [broken]))).toEqual({});
    const other = await verdicts(
      conformance(helpful, [{ ...broken, fails: [{ code: 'build-failed', message: /x/ }] }]),
    );
    expect(Object.values(other)[0]).toContain('no failure fits [build-failed] /x/');
    const never = await verdicts(conformance(published(GOOD), [broken]));
    expect(Object.values(never)[0]).toContain('the fixture says that it must fail');
  });

  it('skips what cannot be tried here with the reason, and fails it in CI', async () => {
    const needs = ['svc-no-such-program'];
    const before = process.env.CI;
    delete process.env.CI;
    const [check] = conformance(published(GOOD), [{ ...fixture, needs }]);
    process.env.CI = 'true';
    const [strict] = conformance(published(GOOD), [{ ...fixture, needs }]);
    if (before === undefined) delete process.env.CI;
    else process.env.CI = before;
    expect(check?.skip).toBe('not installed: svc-no-such-program');
    expect(strict?.skip).toBeUndefined();
    await expect(strict?.run()).rejects.toThrow('not installed: svc-no-such-program');
  });

  it('refuses fixtures that try nothing', () => {
    expect(() => conformance(published(GOOD), [])).toThrow('at least one fixture');
    expect(() => conformance(published(GOOD), [{ name: 'x', files: {} }])).toThrow('asks nothing');
  });
});
