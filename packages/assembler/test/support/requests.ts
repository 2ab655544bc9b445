import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plan, Project, ServiceConfig, ServicePlan } from '@svc/contracts';
import type { AssembleRequest } from '../../src/index.ts';

export type Files = Readonly<
  Record<string, string | Buffer | { link: string } | { text: string; mode: number }>
>;

export function writeFiles(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content);
    else if ('link' in content) symlinkSync(content.link, at);
    else {
      writeFileSync(at, content.text);
      chmodSync(at, content.mode);
    }
  }
}

/** A Node function and some static files: what a builder leaves. */
export function serviceFiles(name: string): Files {
  return {
    'config.json': JSON.stringify({
      version: 3,
      routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/index' }],
    }),
    'static/index.html': `<h1>${name}</h1>\n`,
    'static/assets/app.js': `console.log(${JSON.stringify(name)})\n`,
    'functions/index.func/.vc-config.json': JSON.stringify({
      runtime: 'nodejs22.x',
      handler: 'src/server.mjs',
      launcherType: 'Nodejs',
    }),
    'functions/index.func/src/server.mjs': `export default (q, s) => s.end(${JSON.stringify(name)})\n`,
    'functions/api/users.func': { link: '../index.func' },
  };
}

export function serviceConfig(name: string, more: Partial<ServiceConfig> = {}): ServiceConfig {
  const root = `apps/${name}`;
  return {
    name,
    root,
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: { root: `${root}/` },
    positions: {},
    ...more,
  };
}

export function servicePlan(service: ServiceConfig, more: Partial<ServicePlan> = {}): ServicePlan {
  return {
    name: service.name,
    root: service.root,
    directory: service.root,
    framework: null,
    detectedFrom: 'test',
    alsoMatched: [],
    runtime: 'node',
    builder: { name: 'node', version: '1' },
    entrypoint: 'src/server.ts',
    handler: null,
    packageManager: null,
    workspace: null,
    steps: [],
    inputs: { roots: [service.root], files: [], envFiles: [], count: 1 },
    env: { names: [], prefixes: [], files: [] },
    outputDirectory: null,
    builderData: {},
    ...more,
  };
}

export function projectOf(
  directory: string,
  services: readonly ServiceConfig[],
  more: Partial<Project> = {},
): Project {
  return {
    version: 1,
    directory,
    boundary: directory,
    kind: 'services',
    services,
    public: {
      routes: [{ src: '^(?:/(.*))$', destination: { type: 'service', service: 'web' } }],
      rules: [],
      crons: [],
    },
    warnings: [],
    ...more,
  };
}

export function planOf(project: Project): Plan {
  return {
    version: 1,
    project: '.',
    services: project.services.map(service => servicePlan(service)),
    steps: [],
    warnings: [],
  };
}

/** A request for services whose finished trees lie in `<project>/work/<name>`. */
export function requestFor(
  directory: string,
  trees: Readonly<Record<string, Files>>,
  more: Partial<AssembleRequest> = {},
): AssembleRequest {
  const project =
    more.project ??
    projectOf(
      directory,
      Object.keys(trees).map(name => serviceConfig(name)),
    );
  const outputs = Object.entries(trees).map(([service, files]) => {
    const tree = join(directory, 'work', service);
    writeFiles(tree, files);
    return { service, directory: tree };
  });
  return {
    project,
    plan: planOf(project),
    outputs,
    kept: [],
    target: join(directory, '.vercel/output'),
    tools: { svc: '0.1.0', node: '20.19.0' },
    timings: { total: 1234 },
    ...more,
  };
}
