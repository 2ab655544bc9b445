import type { Random } from './random.ts';
import type { Condition, Question, Rule, Tables } from './reference-tables.ts';

const SEGMENTS = ['a', 'b', 'api', 'x.html', 'index', 'x'] as const;
const SOURCES = [
  '/(.*)',
  '/a',
  '/a/(.*)',
  '^/a(?:/(.*))$',
  '/b/([^/]+)',
  '^/(?:a|b)/(.*)$',
  '/api/?(.*)',
  '/([a-z]+)/([a-z.]+)',
  '^/(?!api)(.*)$',
  '/x\\.html',
  '/',
  '.*',
] as const;
const DESTINATIONS = [
  '/$1',
  '/a',
  '/b/$1',
  '/index',
  '/x.html',
  '/a/$1/x',
  '/api',
  '/none',
  '/',
  '/b',
] as const;
const HEADERS = ['X-One', 'X-Two', 'Location'] as const;
const OPERATIONS = [
  { eq: '1' },
  { neq: '1' },
  { inc: ['1', '2'] },
  { ninc: ['1', '2'] },
  { pre: '1' },
  { suf: '2' },
  { re: '^1|2$' },
  { gt: 1 },
  { gte: 2 },
  { lt: 2 },
  { lte: 1, neq: '1' },
] as const;

/** Small tables over few words, so that rules meet requests and each other. */
export function randomTables(random: Random): Tables {
  const services = ['one', 'two'] as const;
  const tables: Tables = {};
  for (const name of ['public', ...services]) {
    tables[name] = {
      routes: randomRoutes(random, name === 'public' ? services : []),
      files: random.once(3)
        ? []
        : random
            .list(3, () => randomPath(random).slice(1))
            .filter(file => file !== '' && !file.endsWith('/')),
      functions: random.list(2, () => random.pick(['index', 'index', 'a', 'api', 'a/index', 'b/x'])),
    };
    if (random.once(4)) tables[name].files.push('404.html');
    // What builders of functions write, so that many requests get as far as code.
    if (name !== 'public' && random.once(2)) {
      const transforms = [{ type: 'request.path', op: 'set', args: '/$1' }];
      tables[name].functions.push('index');
      tables[name].routes.push({ handle: 'filesystem' }, { src: '/(.*)', dest: '/index', transforms });
    }
  }
  return tables;
}

function randomRoutes(random: Random, services: readonly string[]): Rule[] {
  const routes = random.list(4, () => randomRule(random, 'start', services));
  for (const handle of ['filesystem', 'rewrite', 'resource', 'miss', 'hit', 'error']) {
    if (random.once(handle === 'filesystem' ? 2 : 5)) {
      routes.push({ handle }, ...random.list(3, () => randomRule(random, handle, services)));
    }
  }
  return routes;
}

function randomRule(random: Random, phase: string, services: readonly string[]): Rule {
  const rule: Rule = { src: random.pick(SOURCES) };
  if (random.once(3)) rule.headers = { [random.pick(HEADERS)]: random.pick(['/to/$1', 'v', '/a']) };
  if (random.once(6)) rule.methods = random.pick([['GET'], ['POST'], ['GET', 'HEAD']]);
  if (random.once(4)) rule.has = random.list(2, () => randomCondition(random));
  if (random.once(5)) rule.missing = random.list(2, () => randomCondition(random));
  if (random.once(8)) rule.override = true;
  if (random.once(6)) rule.important = true;
  if (phase === 'hit') return { ...rule, continue: true };
  if (random.once(3)) rule.transforms = random.list(2, () => randomTransform(random));
  if (random.once(5)) rule.status = random.pick([200, 204, 404, 410]);
  if (random.once(6)) {
    rule.headers = { Location: random.pick(['/to/$1', '/a']) };
    rule.status = random.pick([307, 308]);
  }
  if (phase === 'error') {
    if (random.once(2)) rule.dest = random.pick(DESTINATIONS);
    return rule;
  }
  if (services.length > 0 && random.once(2)) {
    const [first = '', second = ''] = services;
    const path = random.once(2) ? { path: random.pick(DESTINATIONS) } : {};
    return { ...rule, destination: { type: 'service', service: random.pick([first, second]), ...path } };
  }
  if (random.once(2)) rule.dest = random.pick(DESTINATIONS);
  if (rule.dest !== undefined && random.once(2)) rule.check = true;
  if (!rule.check && (phase === 'miss' || random.once(2))) rule.continue = true;
  return rule;
}

function randomCondition(random: Random): Condition {
  const type = random.pick(['header', 'cookie', 'query', 'host'] as const);
  const value = random.pick([undefined, '1', '[12]', ...OPERATIONS]);
  if (type === 'host')
    return { type, value: random.pick(['example.com', 'other.example', '(.*)\\.example']) };
  const key = type === 'header' ? random.pick(['X-K', 'x-l']) : random.pick(['k', 'l']);
  return value === undefined ? { type, key } : { type, key, value };
}

function randomTransform(random: Random) {
  if (random.once(2))
    return { type: 'request.path', op: 'set', args: random.pick(['/$1', '/shown', '/s/$1', '//x', '/q?x']) };
  const args = random.pick(['v', '$1', 'w-$1']);
  return {
    type: 'request.headers',
    op: random.pick(['set', 'append']),
    target: { key: random.pick(['x-k', 'x-new']) },
    args,
  };
}

export function randomQuestion(random: Random): Question {
  const headers: Record<string, string> = {};
  if (random.once(2)) headers['x-k'] = random.pick(['1', '2', '12', '']);
  if (random.once(3)) headers['x-l'] = random.pick(['1', 'z']);
  if (random.once(2)) headers.cookie = random.pick(['k=1', 'l=2; k=2', 'k=1; k=2', 'm=1']);
  return {
    method: random.pick(['GET', 'GET', 'GET', 'HEAD', 'POST']),
    path: randomPath(random),
    query: random.pick([null, null, 'k=1', 'k=2&l=1', 'k=1&k=2', 'k']),
    headers,
    host: random.pick(['example.com', 'other.example', 'example.com:3000']),
  };
}

function randomPath(random: Random): string {
  const segments = random.list(3, () => random.pick(SEGMENTS));
  return `/${segments.join('/')}${segments.length > 0 && random.once(6) ? '/' : ''}`;
}
