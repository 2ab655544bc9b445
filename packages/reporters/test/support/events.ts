import type { Failure, SvcEvent } from '@svc/contracts';

/** An event and when it happened, in milliseconds since the run began. */
export type Timed = readonly [at: number, event: SvcEvent];

const SERVICES = ['web', 'api', 'docs', 'background_worker'];

const warning: SvcEvent = {
  type: 'warning',
  notice: {
    code: 'catch-all-not-last',
    message: 'the rule "/(.*)" answers every request, so the rules after it are never reached',
    help: 'Move it to the end of "rewrites".',
    position: {
      file: 'vercel.json',
      line: 9,
      column: 7,
      length: 6,
      lineText: '    { "source": "/(.*)", "destination": { "service": "web" } },',
    },
  },
};

const started: readonly Timed[] = [
  [0, warning],
  [0, { type: 'run.started', services: SERVICES, steps: 4, concurrency: 2, isolation: 'mounts' }],
  [10, { type: 'step.started', step: 'install:.', service: null, services: ['web', 'api'], label: 'npm ci' }],
  [
    900,
    {
      type: 'step.output',
      step: 'install:.',
      service: null,
      stream: 'stdout',
      line: 'added 212 packages in 1s',
    },
  ],
  [1200, { type: 'step.finished', step: 'install:.', service: null, ok: true, exitCode: 0, duration: 1190 }],
  [1200, { type: 'service.started', service: 'web' }],
  [1200, { type: 'step.started', step: 'web:build', service: 'web', services: ['web'], label: 'vite build' }],
  [1210, { type: 'service.started', service: 'api' }],
  [
    1210,
    { type: 'step.started', step: 'api:build', service: 'api', services: ['api'], label: 'npm run build' },
  ],
  [
    1300,
    {
      type: 'step.output',
      step: 'web:build',
      service: 'web',
      stream: 'stdout',
      line: '\u001b[32mvite v7.0.0\u001b[39m building for production...',
    },
  ],
  [
    1350,
    { type: 'step.output', step: 'api:build', service: 'api', stream: 'stdout', line: '> tsc --noEmit' },
  ],
  [
    1360,
    {
      type: 'step.output',
      step: 'web:build',
      service: 'web',
      stream: 'stderr',
      line: 'transforming (1)\rtransforming (42)',
    },
  ],
  [1400, { type: 'service.kept', service: 'docs', reason: 'not in --filter' }],
  [
    1500,
    {
      type: 'step.skipped',
      step: 'background_worker:build',
      service: 'background_worker',
      reason: 'there is no build script',
    },
  ],
  [
    1510,
    {
      type: 'service.finished',
      service: 'background_worker',
      duration: 310,
      size: 812,
      files: 1,
      functions: 1,
    },
  ],
];

const webDone: readonly Timed[] = [
  [
    3200,
    {
      type: 'step.output',
      step: 'web:build',
      service: 'web',
      stream: 'stdout',
      line: '✓ 42 modules transformed. 世界',
    },
  ],
  [3300, { type: 'step.finished', step: 'web:build', service: 'web', ok: true, exitCode: 0, duration: 2100 }],
  [
    3400,
    { type: 'service.finished', service: 'web', duration: 2200, size: 1_234_567, files: 14, functions: 0 },
  ],
];

const routes = [
  { source: '/api/(.*)', target: 'api' },
  { source: '/(.*)', target: 'web' },
];

export const SUCCESS: readonly Timed[] = [
  ...started,
  ...webDone,
  [4000, { type: 'step.finished', step: 'api:build', service: 'api', ok: true, exitCode: 0, duration: 2790 }],
  [4100, { type: 'service.finished', service: 'api', duration: 2890, size: 420_000, files: 5, functions: 1 }],
  [
    4200,
    {
      type: 'run.finished',
      summary: {
        ok: true,
        duration: 4200,
        output: '.vercel/output',
        deployment: 'dpl_0123456789abcdef0123456789abcdef',
        services: [
          { name: 'web', state: 'built', duration: 2200, size: 1_234_567 },
          { name: 'api', state: 'built', duration: 2890, size: 420_000 },
          { name: 'docs', state: 'kept', duration: 0, size: 99_000 },
          { name: 'background_worker', state: 'built', duration: 310, size: 812 },
        ],
        routes,
        failures: [],
        unpromised: ['steps can read files outside the project (use --isolation strict)'],
      },
    },
  ],
];

export const BUILD_FAILED: Failure = {
  code: 'build-failed',
  service: 'api',
  message: '"npm run build" ended with exit code 2',
  help: 'Run it in apps/api to see the same error.',
  output: [
    '> tsc --noEmit',
    "src/server.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ],
};

export const FAILURE: readonly Timed[] = [
  ...started,
  [
    2000,
    {
      type: 'step.output',
      step: 'api:build',
      service: 'api',
      stream: 'stdout',
      line: "src/server.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    },
  ],
  [2100, { type: 'step.finished', step: 'api:build', service: 'api', ok: false, exitCode: 2, duration: 890 }],
  [2110, { type: 'service.failed', service: 'api', failure: BUILD_FAILED, duration: 900 }],
  ...webDone,
  [
    3500,
    {
      type: 'run.finished',
      summary: {
        ok: false,
        duration: 3500,
        services: [
          { name: 'web', state: 'built', duration: 2200, size: 1_234_567 },
          { name: 'api', state: 'failed', duration: 900, size: 0 },
          { name: 'docs', state: 'kept', duration: 0, size: 99_000 },
          { name: 'background_worker', state: 'built', duration: 310, size: 812 },
        ],
        routes,
        failures: [BUILD_FAILED],
        unpromised: [],
      },
    },
  ],
];

export const BAD_CONFIG: readonly Timed[] = [
  [0, warning],
  [
    5,
    {
      type: 'failure',
      failure: {
        code: 'config-unknown-field',
        service: 'web',
        message: 'a service has no field "buildComand"',
        help: 'Write "buildCommand" instead.',
        position: {
          file: 'vercel.json',
          line: 4,
          column: 4,
          length: 13,
          lineText: '\t\t\t"buildComand": "vite build",',
        },
      },
    },
  ],
];
