import { isObject } from './json.ts';

type Found = 'executable' | 'plain' | 'folder' | undefined;

/**
 * Why a function with this `.vc-config.json` could not be started; undefined when nothing speaks against it.
 * `find` looks in the function's own folder. Which runtimes name a file and how is section 5 of the services reference:
 * Node a path, Python a dotted name, `executable` a program, edge an `entrypoint`, a container an image.
 */
export function handlerProblem(
  config: { readonly [key: string]: unknown },
  find: (path: string) => Found,
): string | undefined {
  const { runtime, handler, filePathMap } = config;
  if (typeof runtime !== 'string' || runtime === '') return 'its .vc-config.json names no "runtime"';
  if (isObject(filePathMap) && Object.keys(filePathMap).length > 0) {
    return 'its "filePathMap" points at files of the checkout, so it would not run anywhere else';
  }
  if (runtime === 'edge') return missing('entrypoint', config.entrypoint, find);
  if (/^(?:nodejs|bun)/.test(runtime)) {
    if (config.launcherType === 'Nodejs') return missing('handler', handler, find);
    return anyOf(handler, lambdaFiles(String(handler)), find);
  }
  if (runtime.startsWith('python')) return anyOf(handler, pythonFiles(String(handler)), find);
  if (runtime === 'executable') {
    if (typeof handler === 'string' && find(handler) === 'plain')
      return `its handler "${handler}" is not executable`;
    return missing('handler', handler, find);
  }
  if (runtime === 'container' && isObject(config.image) && config.image.archive !== undefined)
    return missing('archive', config.image.archive, find);
  if (typeof handler !== 'string' || handler === '') return 'its .vc-config.json names no "handler"';
  return undefined;
}

function missing(field: string, path: unknown, find: (path: string) => Found): string | undefined {
  if (typeof path !== 'string' || path === '') return `its .vc-config.json names no "${field}"`;
  const found = find(path);
  return found === 'plain' || found === 'executable'
    ? undefined
    : `its ${field} "${path}" is not in the folder`;
}

function anyOf(
  handler: unknown,
  files: readonly string[],
  find: (path: string) => Found,
): string | undefined {
  if (typeof handler !== 'string' || handler === '') return 'its .vc-config.json names no "handler"';
  if (files.some(file => ['plain', 'executable'].includes(String(find(file))))) return undefined;
  return `its handler "${handler}" is not in the folder (looked for ${files.join(', ')})`;
}

/** Without a launcher the handler may be `file.export`, as AWS Lambda writes it. */
function lambdaFiles(handler: string): string[] {
  const stem = handler.replace(/\.[^./]+$/, '');
  return [handler, ...['.js', '.mjs', '.cjs'].map(extension => stem + extension)];
}

/** `package.module.function`, `package.module:function`, or a file. */
function pythonFiles(handler: string): string[] {
  if (handler.endsWith('.py')) return [handler];
  const module = (handler.includes(':') ? handler.split(':')[0] : handler.replace(/\.[^.]+$/, '')) ?? '';
  const path = module.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__init__.py`];
}
