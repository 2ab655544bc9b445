import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProject } from '@svc/config';
import { isHandle, type Project, type Route, type ServiceConfig } from '@svc/contracts';
import { type Decision, finishHeaders, type HeaderChange, type Router } from '@svc/router';
import { describe, expect, it } from 'vitest';
import { FUNCTION_ROUTES, headerIn, request, routerOf } from './support.ts';

/** One recorded project; `files` names what a build publishes, and `expect` holds what a router decides of it. */
interface Case {
  readonly name: string;
  readonly vercelJson: object;
  readonly files: readonly string[];
  readonly requests: readonly CaseRequest[];
}

interface CaseRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect: {
    readonly status?: number | string | readonly number[];
    readonly service?: string | null;
    readonly notService?: string;
    readonly pathSeen?: Wanted;
    readonly location?: Wanted;
    readonly file?: string;
    readonly headers?: Readonly<Record<string, Wanted>>;
    readonly requestHeaders?: Readonly<Record<string, Wanted>>;
  };
}

type Wanted = string | null | { readonly re: string } | { readonly anyOf: readonly string[] };

const folder = fileURLToPath(new URL('./routing-cases/', import.meta.url));
const cases = await Promise.all(
  (await readdir(folder)).sort().map(async name => JSON.parse(await readFile(folder + name, 'utf8')) as Case),
);

describe('the recorded routing cases', () => {
  it('are all there', () => {
    expect(cases).toHaveLength(15);
  });

  describe.each(cases)('$name', recorded => {
    it('every request goes where it has to', async () => {
      const router = await routerFor(recorded);
      expect(recorded.requests.length).toBeGreaterThan(0);
      for (const asked of recorded.requests) {
        const label = `${asked.method} ${asked.path.slice(0, 80)} ${JSON.stringify(asked.headers ?? {})}`;
        compare(asked, router.decide(toRequest(asked)), label);
      }
    });
  });
});

function toRequest({ method, path, headers = {} }: CaseRequest) {
  const lowerCase = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { host = 'localhost:4000' } = lowerCase;
  return request(path, { method, headers: lowerCase, host });
}

function compare(asked: CaseRequest, decision: Decision, label: string): void {
  const { status, service, notService, pathSeen, location, file, headers, requestHeaders } = asked.expect;
  if (service !== undefined)
    expect(decision.type === 'function' || decision.type === 'static' ? decision.service : null, label).toBe(
      service,
    );
  if (notService !== undefined) expect(decision.service, label).not.toBe(notService);
  if (status !== undefined) compareStatus(status, decision, label);
  if (pathSeen !== undefined) {
    expect(decision.type, label).toBe('function');
    if (decision.type === 'function') expectWanted(pathSeen, decision.target, label);
  }
  if (location !== undefined) expectWanted(location, headerIn(decision, 'location'), label);
  if (file !== undefined) {
    expect(decision.type, label).toBe('static');
    if (decision.type === 'static') expect(`${decision.service}/${decision.file}`, label).toBe(file);
  }
  const sent = new Map(finishHeaders(decision.response, ownHeaders(asked.path, decision)));
  for (const [name, wanted] of Object.entries(headers ?? {}))
    expectWanted(wanted, sent.get(name), `${label}: ${name}`);
  if (requestHeaders) {
    const changes = decision.type === 'function' ? decision.requestHeaders : [];
    const seen = changed(toRequest(asked).headers, changes);
    for (const [name, wanted] of Object.entries(requestHeaders))
      expectWanted(wanted, seen.get(name), `${label}: ${name}`);
  }
}

/** What the code answers is the code's; the router says whether it is asked at all. */
function compareStatus(wanted: number | string | readonly number[], decision: Decision, label: string): void {
  if (decision.type === 'function') expect([101, 200, 404], label).toContain(wanted);
  else if (decision.type === 'static') expect([200, 206, 304], label).toContain(wanted);
  else if (wanted === 'refused') expect(decision.type, label).toBe('error');
  else expect([wanted].flat(), label).toContain('status' in decision ? decision.status : undefined);
}

function expectWanted(wanted: Wanted, actual: string | undefined, label: string): void {
  if (wanted === null) expect(actual, label).toBeUndefined();
  else if (typeof wanted === 'string') expect(actual, label).toBe(wanted);
  else if ('re' in wanted) expect(actual ?? '', label).toMatch(new RegExp(wanted.re));
  else expect(wanted.anyOf, label).toContain(actual);
}

/** What the cases' services set when their path ends in `/_headers`. */
function ownHeaders(path: string, decision: Decision): readonly (readonly [string, string])[] {
  if (decision.type !== 'function' || !path.endsWith('/_headers')) return [];
  return [
    ['x-overridden', 'origin'],
    ['x-listed', 'one'],
    ['x-unwanted', 'yes'],
    ['cache-control', 'private, max-age=7'],
  ];
}

function changed(headers: Readonly<Record<string, string>>, changes: readonly HeaderChange[]) {
  const seen = new Map(Object.entries(headers));
  for (const [name, value] of changes) {
    if (value === null) seen.delete(name);
    else seen.set(name, value);
  }
  return seen;
}

async function routerFor({ vercelJson, files }: Case): Promise<Router> {
  const project = await projectOf(vercelJson);
  const services = project.services.map(service => [service.name, tableFor(service, files)] as const);
  return routerOf({ routes: project.public.routes }, Object.fromEntries(services));
}

/** A service without an entrypoint is its files; any other is one function. */
function tableFor(service: ServiceConfig, files: readonly string[]) {
  if (service.entrypoint) {
    return { routes: merged(service.routes, FUNCTION_ROUTES), functions: ['index'] };
  }
  const own = files.filter(file => file.startsWith(`${service.root}/`));
  return { routes: service.routes, files: own.map(file => file.slice(service.root.length + 1)) };
}

/** In each phase the user's rules come first. */
function merged(user: readonly Route[], builder: readonly Route[]): readonly Route[] {
  const at = user.findIndex(route => isHandle(route) && route.handle === 'filesystem');
  return at === -1 ? [...user, ...builder] : [...user, ...builder.filter(route => !isHandle(route))];
}

async function projectOf(config: object): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'svc-router-test-'));
  try {
    await writeFile(join(directory, 'vercel.json'), JSON.stringify(config));
    const project = await loadProject(directory, { env: {} });
    if (!project.ok) throw new Error(JSON.stringify(project.failures, null, 2));
    return project.value;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
