import { describeExplanation, type Step } from '@svc/router';
import { expect, it } from 'vitest';
import { FUNCTION_ROUTES, request, routerOf } from './support.ts';

const router = routerOf(
  {
    routes: [
      { src: '/(.*)', has: [{ type: 'header', key: 'x-beta' }], headers: { 'x-b': '1' }, continue: true },
      { src: '/(.*)', missing: [{ type: 'cookie', key: 'session' }], methods: ['PUT'], status: 403 },
      { handle: 'filesystem' },
      { src: '^/other/(.*)$', destination: { type: 'service', service: 'api' } },
      { src: '^/v1/(.*)$', destination: { type: 'service', service: 'api', path: '/x/$1' } },
      { src: '^(?:/(.*))$', destination: { type: 'service', service: 'api' } },
    ],
  },
  {
    api: {
      routes: [
        {
          src: '/x/(.*)',
          has: [{ type: 'query', key: 'k', value: '1' }],
          headers: { 'x-k': '1' },
          continue: true,
        },
        ...FUNCTION_ROUTES,
      ],
      functions: ['index'],
    },
  },
);

function line(step: Step): string {
  switch (step.type) {
    case 'phase':
      return `${step.table ?? 'public'}: ${step.phase}`;
    case 'rule':
      return `${step.table ?? 'public'} ${step.index} ${step.source}: ${step.matched ? 'yes' : 'no'}, ${step.why}`;
    case 'lookup':
      return `${step.table ?? 'public'} ${step.path} -> ${step.found}`;
    case 'path':
      return `${step.from} -> ${step.to}, ${step.why}`;
    case 'service':
      return `service ${step.service} at ${step.lookup}`;
  }
}

it('tells every rule, why it did not match, and every lookup', () => {
  const { decision, steps } = router.explain(request('/v1/a?k=2'));
  expect(decision).toMatchObject({ type: 'function', service: 'api', target: '/v1/a?k=2' });
  expect(steps.map(line).join('\n')).toMatchInlineSnapshot(`
    "public: start
    public 0 /(.*): no, "has" is not met: header x-beta is not there
    public 1 /(.*): no, the method GET is not among PUT
    public /v1/a -> null
    public: filesystem
    public 3 ^/other/(.*)$: no, the source does not match /v1/a
    public 4 ^/v1/(.*)$: yes, hands over to the service api
    service api at /x/a
    api: start
    api 0 /x/(.*): no, "has" is not met: query k is not there or has another value
    api /x/a -> null
    api: filesystem
    api 2 /(.*): yes, rewrites to /index; transforms request.path; ends the phase
    /x/a -> /index, rule 2 rewrites
    api /index -> functions/index"
  `);
});

it('tells of repeated slashes', () => {
  const { decision, steps } = router.explain(request('//v1//a', { method: 'POST' }));
  expect(decision).toMatchObject({ target: '/v1/a' });
  expect(steps[0]).toEqual({
    type: 'path',
    from: '//v1//a',
    to: '/v1/a',
    why: 'repeated slashes become one',
  });
});

it('tells of a method that is not among those of a rule', () => {
  const { steps } = router.explain(request('/', { headers: { cookie: 'session=1' } }));
  expect(steps.map(line)).toContain('public 1 /(.*): no, the method GET is not among PUT');
  const put = router.explain(request('/', { method: 'PUT', headers: { cookie: 'session=1' } }));
  expect(put.steps.map(line)).toContain('public 1 /(.*): no, "missing" is not met: cookie session is there');
});

it('reads as sentences', () => {
  const lines = describeExplanation(router.explain(request('/v1/a?k=2')));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "The service api runs the function index
      the code sees /v1/a?k=2
      looked up as /index

    Because of
      rule 4 of the public table, ^/v1/(.*)$: hands over to the service api
      rule 2 of the table of api, /(.*): rewrites to /index; transforms request.path; ends the phase

    Step by step
      the public table, before any handle
        – 0 /(.*): "has" is not met: header x-beta is not there
        – 1 /(.*): the method GET is not among PUT
        is there /v1/a? no
      the public table, filesystem
        – 3 ^/other/(.*)$: the source does not match /v1/a
        ✓ 4 ^/v1/(.*)$: hands over to the service api
      the service api takes over for good, with the path /x/a
      the table of api, before any handle
        – 0 /x/(.*): "has" is not met: query k is not there or has another value
        is there /x/a? no
      the table of api, filesystem
        ✓ 2 /(.*): rewrites to /index; transforms request.path; ends the phase
        /x/a is now /index: rule 2 rewrites
        is there /index? functions/index"
  `);
});
