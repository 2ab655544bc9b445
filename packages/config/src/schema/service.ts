import type { Json } from '@svc/contracts';
import { type Check, type ClosedRule, closed, list, oneOf, text } from '../checks/shapes.ts';
import { inline, NameOf, quote } from '../checks/words.ts';
import type { Path } from '../document.ts';
import { functions } from './functions.ts';
import { serviceReference, variableName } from './names.ts';
import { root } from './root.ts';
import { ROUTING_FIELDS } from './routing.ts';

/** Section 1.1 of the services reference. */
export const RUNTIMES = ['node', 'python', 'go', 'rust', 'ruby', 'container'] as const;

const shellCommand = text({
  min: 1,
  max: 2048,
  whenEmpty: 'Leave the field out to use the usual command, or write "true" for a command that does nothing.',
});

const argv: Check = (value, path, report) =>
  (Array.isArray(value) ? list(text({ min: 1 }), { min: 1 }) : text({ min: 1 }))(value, path, report);

const runtime: Check = (value, path, report) => {
  if (typeof value !== 'string' || (RUNTIMES as readonly string[]).includes(value)) {
    return text()(value, path, report);
  }
  const known = RUNTIMES.find(name => new RegExp(`^${name}(js)?[-@]?[\\d.]+(x)?$`).test(value));
  if (!known) return oneOf(...RUNTIMES)(value, path, report);
  report({
    code: 'config-invalid-value',
    path,
    part: 'value',
    message: `${NameOf(path)} names a version: ${quote(value)}`,
    help: `Write "${known}". ${versionAdvice(known)}`,
  });
};

function versionAdvice(runtimeName: (typeof RUNTIMES)[number]): string {
  switch (runtimeName) {
    case 'node':
      return 'The version comes from "engines" in the service\'s package.json.';
    case 'python':
      return 'The version comes from "requires-python" in pyproject.toml, or .python-version.';
    case 'go':
      return 'The version comes from go.mod.';
    case 'rust':
      return 'The version comes from rust-toolchain.toml.';
    case 'ruby':
      return 'The version comes from the Gemfile.';
    case 'container':
      return 'The version of the image stands in the Dockerfile.';
  }
}

const binding = closed({
  noun: 'a binding',
  fields: { type: oneOf('service'), service: serviceReference, format: oneOf('url'), env: variableName },
  required: ['service', 'format', 'env'],
  example: '{ "type": "service", "service": "stock", "format": "url", "env": "STOCK_URL" }',
  synonyms: { name: 'env', variable: 'env', target: 'service' },
});

/** What a service says of its build. These stand at the top level when there are no services. */
export const BUILD_FIELDS: Readonly<Record<string, Check>> = {
  framework: text({ min: 1, max: 256 }),
  installCommand: shellCommand,
  buildCommand: shellCommand,
  devCommand: shellCommand,
  ignoreCommand: shellCommand,
  outputDirectory: text({ min: 1, max: 512 }),
  functions,
};

const functionField =
  (field: string) =>
  (path: Path, value: Json): { message: string; help: string } => ({
    message: `"${field}" is no field of a service: it belongs to a function`,
    help: `Put it into "functions" of service "${path[1]}", by glob:\n"functions": { "**": { "${field}": ${inline(value)} } }`,
  });

const SERVICE: ClosedRule = {
  noun: 'a service',
  fields: {
    root,
    entrypoint: text({ min: 1, max: 512 }),
    runtime,
    command: argv,
    bindings: list(binding, { max: 100 }),
    ...BUILD_FIELDS,
    ...ROUTING_FIELDS,
  },
  required: ['root'],
  example: '{ "root": "apps/web" }',
  synonyms: {
    dir: 'root',
    directory: 'root',
    path: 'root',
    rootDirectory: 'root',
    src: 'entrypoint',
    main: 'entrypoint',
    build: 'buildCommand',
    install: 'installCommand',
    dev: 'devCommand',
    output: 'outputDirectory',
    distDir: 'outputDirectory',
  },
  misplaced: {
    memory: functionField('memory'),
    maxDuration: functionField('maxDuration'),
    architecture: functionField('architecture'),
    includeFiles: functionField('includeFiles'),
    excludeFiles: functionField('excludeFiles'),
    regions: functionField('regions'),
    env: (path, value) => ({
      message:
        '"env" is no field of a service: a configuration that is committed holds no values of variables',
      help: `Set the variables where you run svc, and name them in svc.json beside this file:\n{ "services": { "${path[1]}": { "env": ${inline(namesOf(value))} } } }`,
    }),
    crons: () => ({
      message: '"crons" is no field of a service',
      help: 'Move it to the top level of this file.',
    }),
    images: () => ({
      message: '"images" is no field of a service',
      help: 'Move it to the top level of this file.',
    }),
    nodeVersion: (_path, value) => ({
      message: '"nodeVersion" is no field of a service',
      help: `Write it into the service's package.json:\n"engines": { "node": ${JSON.stringify(typeof value === 'string' ? value : '22.x')} }`,
    }),
    name: path => ({
      message: `"name" is no field of a service: its key "${path[1]}" is its name`,
      help: 'Remove it.',
    }),
    routePrefix: path => ({
      message: '"routePrefix" is no field of a service',
      help: `Write a rewrite at the top level:\n"rewrites": [{ "source": "/${path[1]}/:path*", "destination": { "service": "${path[1]}" } }]`,
    }),
  },
};

function namesOf(value: Json): string[] {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = isTable ? Object.keys(value) : [];
  return names.length > 0 ? names : ['NAME'];
}

export const service = closed(SERVICE);
