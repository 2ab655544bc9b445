import type { Failure, ServiceConfig } from '@svc/contracts';
import { failure } from './failure.ts';
import type { ServiceFolder } from './folder.ts';

const LOOKED_FOR = [
  'a framework: a dependency such as next, vite or astro in package.json, or its configuration file',
  'a Node server: express, hono, fastify, koa, h3, elysia or @nestjs/core imported by app, index, server or main (also in src/), or a server.js',
  'another language: go.mod, Cargo.toml, pyproject.toml, requirements.txt, Pipfile, config.ru',
  'a build: "buildCommand", or a build script in package.json',
  'plain files: HTML, scripts, styles and images without source code among them',
];

/** The error for a folder that is nothing svc knows. It says what was looked for and what would settle it. */
export function undetected(
  service: ServiceConfig,
  folder: ServiceFolder,
  signs: readonly string[],
  configFile: string,
): Failure {
  return failure(service, 'framework-undetected', 'root', {
    message: `svc cannot tell what service "${service.name}" is: ${whatWasFound(service, folder, signs)}`,
    help: [
      `Looked in ${service.root} for:`,
      ...LOOKED_FOR.map(line => `  - ${line}`),
      `Say in ${configFile} what it is, with one of these:`,
      '  "framework": "express"           the framework by its name',
      '  "entrypoint": "src/server.ts"    the file that starts a server (the ending gives the runtime)',
      '  "runtime": "container"           build the Dockerfile in the folder',
      '  "buildCommand": "make site"      a command that writes a site',
      '  "outputDirectory": "public"      the folder to publish; "." publishes everything',
    ].join('\n'),
  });
}

function whatWasFound(service: ServiceConfig, folder: ServiceFolder, signs: readonly string[]): string {
  if (folder.files.length === 0) {
    return `${service.root} holds no files (those that git ignores do not count)`;
  }
  if (signs.length === 0)
    return `${service.root} has a package.json, but neither a program nor a build script`;
  const named = signs.slice(0, 3).join(', ');
  const more = signs.length > 3 ? ` and ${signs.length - 3} more` : '';
  return `${service.root} holds source code (${named}${more}) of no framework that svc knows, and publishing it as it is would expose it`;
}
