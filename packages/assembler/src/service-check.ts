import type { Failure, ServiceOutputConfig } from '@svc/contracts';
import { followLinks } from '@svc/contracts';
import { handlerProblem } from './handlers.ts';
import { isObject, parseJson } from './json.ts';
import { type Entry, isExecutable } from './scan.ts';

/** A service's tree as it was read: what is there, and the texts of the few files that are checked. */
export interface ReadTree {
  readonly entries: readonly Entry[];
  /** `config.json` and every `.vc-config.json`, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

export function isCheckedText(path: string): boolean {
  return path === 'config.json' || path.endsWith('.func/.vc-config.json');
}

/**
 * Checks that a tree is Build Output v3 that refers to nothing outside itself: a valid `config.json`, a loadable
 * configuration for every function, and no link that leaves the tree. All failures, not the first.
 */
export function checkService(
  service: string,
  tree: ReadTree,
): { readonly config: ServiceOutputConfig | undefined; readonly failures: readonly Failure[] } {
  const failures: Failure[] = [];
  const config = readConfig(service, tree.texts.get('config.json'), failures);
  checkLinks(service, tree.entries, failures);
  checkFunctions(service, tree, failures);
  return { config, failures };
}

function readConfig(service: string, text: string | undefined, failures: Failure[]) {
  const problem = configProblem(text);
  if (problem === undefined) return parseJson(text ?? '') as ServiceOutputConfig;
  failures.push({
    code: 'deployment-invalid',
    service,
    message: `the build output of service "${service}" has ${problem}`,
    help: 'Its builder must leave a Build Output v3 tree: config.json with "version": 3, static/ and functions/.',
  });
  return undefined;
}

function configProblem(text: string | undefined): string | undefined {
  if (text === undefined) return 'no config.json';
  const value = parseJson(text);
  if (!isObject(value)) return 'a config.json that is not a JSON object';
  if (value.version !== 3) return `a config.json of version ${JSON.stringify(value.version)}; it must be 3`;
  if (value.routes !== undefined && !(Array.isArray(value.routes) && value.routes.every(isObject))) {
    return 'a config.json whose "routes" is not a list of rules';
  }
  if (value.overrides !== undefined && !isObject(value.overrides)) {
    return 'a config.json whose "overrides" is not an object';
  }
  if (value.crons !== undefined && !(Array.isArray(value.crons) && value.crons.every(isObject))) {
    return 'a config.json whose "crons" is not a list';
  }
  return undefined;
}

function checkLinks(service: string, entries: readonly Entry[], failures: Failure[]): void {
  const links = linksOf(entries);
  for (const entry of entries) {
    if (entry.kind === 'other') {
      failures.push({
        code: 'deployment-invalid',
        service,
        message: `the build output of service "${service}" holds ${entry.path}, which is not a file, folder or link with a UTF-8 name`,
        help: 'Pipes, sockets, devices and such names cannot be deployed: remove it at the end of the build.',
      });
    }
    if (entry.kind !== 'link') continue;
    const end = followLinks(entry.path, links);
    if (end.kind === 'inside') continue;
    failures.push({
      code: 'output-escapes',
      service,
      message:
        end.kind === 'circle'
          ? `the build output of service "${service}" holds the link ${entry.path} -> ${entry.target}, which leads in a circle`
          : `the build output of service "${service}" holds the link ${entry.path} -> ${entry.target}, which leads out of the output`,
      help: 'On another machine that link would lead nowhere: copy what it points at into the output.',
    });
  }
}

function linksOf(entries: readonly Entry[]): Map<string, string> {
  return new Map(entries.flatMap(entry => (entry.kind === 'link' ? [[entry.path, entry.target]] : [])));
}

function checkFunctions(service: string, tree: ReadTree, failures: Failure[]): void {
  const links = linksOf(tree.entries);
  const byPath = new Map(tree.entries.map(entry => [entry.path, entry]));
  const files = {
    /** Whether a file is there, links followed; 'plain' when it is there but not executable. */
    find(path: string): 'executable' | 'plain' | 'folder' | undefined {
      const end = followLinks(path, links);
      if (end.kind !== 'inside') return undefined;
      const entry = byPath.get(end.path);
      if (entry?.kind === 'directory') return 'folder';
      if (entry?.kind !== 'file') return undefined;
      return isExecutable(entry.mode) ? 'executable' : 'plain';
    },
  };
  for (const entry of tree.entries) {
    if (!isFunctionPath(entry.path)) continue;
    const problem = functionProblem(entry, tree, links, files);
    if (problem === undefined) continue;
    failures.push({
      code: 'deployment-invalid',
      service,
      message: `function ${entry.path} of service "${service}" cannot be run: ${problem}`,
      help: 'This is what its builder left. If it is a framework that writes .vercel/output itself, look there for the same folder.',
    });
  }
}

/** `functions/….func` that is not itself part of another function's content. */
function isFunctionPath(path: string): boolean {
  return path.startsWith('functions/') && path.endsWith('.func') && path.indexOf('.func/') === -1;
}

function functionProblem(
  entry: Entry,
  tree: ReadTree,
  links: ReadonlyMap<string, string>,
  files: { find(path: string): 'executable' | 'plain' | 'folder' | undefined },
): string | undefined {
  let directory = entry.path;
  if (entry.kind === 'link') {
    const end = followLinks(entry.path, links);
    if (end.kind !== 'inside') return undefined; // said by checkLinks
    directory = end.path;
  }
  if (files.find(directory) !== 'folder') {
    return entry.kind === 'link'
      ? `it is a link to ${directory}, which is not a folder`
      : 'it is not a folder';
  }
  const at = followLinks(`${directory}/.vc-config.json`, links);
  const text = at.kind === 'inside' ? tree.texts.get(at.path) : undefined;
  if (text === undefined) return 'it has no .vc-config.json';
  const config = parseJson(text);
  if (!isObject(config)) return 'its .vc-config.json is not a JSON object';
  return handlerProblem(config, path => files.find(`${directory}/${path}`));
}
