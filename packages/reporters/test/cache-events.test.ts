import type { RunSummary, SvcEvent } from '@svc/contracts';
import { createReporter, type ReporterMode } from '@svc/reporters';
import { expect, it } from 'vitest';

const summary: RunSummary = {
  ok: true,
  duration: 60,
  output: '.vercel/output',
  services: ['web', 'api', 'docs'].map(name => ({ name, state: 'kept', duration: 0, size: 10 })),
  routes: [],
  failures: [],
  unpromised: [],
};

const events: readonly SvcEvent[] = [
  {
    type: 'cache.miss',
    service: 'web',
    key: 'k',
    isFirst: false,
    reasons: ['src/index.ts changed', 'the variable COLOR is new'],
  },
  { type: 'cache.miss', service: 'api', key: 'k', isFirst: true, reasons: ['nothing to compare with'] },
  { type: 'cache.rejected', service: 'web', from: 'remote', reason: 'the entry is not signed' },
  { type: 'run.started', services: ['web', 'api', 'docs'], steps: 1, concurrency: 2, isolation: 'mounts' },
  { type: 'cache.hit', service: 'api', from: 'local', key: 'k', size: 10 },
  { type: 'cache.hit', service: 'docs', from: 'output', key: 'k', size: 10 },
  { type: 'service.kept', service: 'docs', reason: 'nothing has changed' },
];

function shown(mode: ReporterMode, told: readonly SvcEvent[]): string {
  let text = '';
  const stream = {
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  };
  const reporter = createReporter({
    mode,
    stdout: stream,
    stderr: stream,
    color: false,
    columns: () => 100,
    now: () => 0,
    date: () => 0,
  });
  for (const event of told) reporter.emit(event);
  reporter.close();
  return text;
}

it.each(['plain', 'github', 'gitlab', 'azure', 'live', 'json'] as const)(
  '%s tells what the cache did',
  mode => {
    const text = shown(mode, [
      ...events,
      {
        type: 'run.finished',
        summary: {
          ...summary,
          services: summary.services.map(service => ({
            ...service,
            state: service.name === 'api' ? 'restored' : 'kept',
          })),
        },
      },
    ]);
    expect(text).toMatch(/the entry is not signed/);
    if (mode === 'json') return;
    expect(text).toContain('(2 kept, 1 restored)');
    if (mode === 'live') return;
    expect(text).toContain('builds: src/index.ts changed, and 1 more');
    expect(text).not.toContain('nothing to compare with');
    expect(text).toContain('restored from the local cache');
    // That a service is kept is told once, by the summary.
    expect(text.match(/\bkept\b/g)).toHaveLength(3);
  },
);

it('of many services whose result was there only the number is told', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    ...{ name: `kept-${index}`, state: 'kept' as const, duration: 0, size: 10 },
  }));
  const built = { name: 'web', state: 'built' as const, duration: 90, size: 10 };
  const told = (services: RunSummary['services']) =>
    shown('plain', [{ type: 'run.finished', summary: { ...summary, services } }]);
  const text = told([...many, built]);
  expect(text).not.toContain('kept-3');
  expect(text).toMatch(/✔ web +90 ms/);
  expect(text).toContain('• 12 others kept');
  expect(text).toContain('(12 kept)');
  expect(told(many)).toContain('• 12 services kept');
  expect(told(many.slice(0, 10))).toMatch(/• kept-3 +kept/);
});

it('a build with nothing to do says so in one line', () => {
  const text = shown('plain', [{ type: 'run.finished', summary: { ...summary, unchanged: true } }]);
  expect(text.trim()).toBe('✔ .vercel/output is ready after 60 ms: nothing has changed in 3 services');
});
