// @ts-check
import { fileURLToPath } from 'node:url';
import {
  defineBuilder,
  failed,
  finishFunction,
  leftOut,
  ok,
  settingsFor,
  unusedFunctions,
} from 'svc/builder-kit';

/**
 * Builds services that are a shell script, run once for each request (CGI). It is complete: replace the script's language
 * by yours, here, in tools/bundle.mjs and in runtime/serve.mjs.
 */
export default defineBuilder({
  name: 'NAME',
  // Raise it when the same sources would now give another output.
  version: '1',
  // By these files a service is recognised; the first that is there is its entrypoint.
  detects: ['index.sh', '*.sh'],
  tools: { bundle: new URL('./tools/bundle.mjs', import.meta.url) },

  // Says what is to be done. It reads and decides; it runs nothing and writes nothing.
  plan({ service, entrypoint, files }) {
    if (entrypoint === null) return failed(noScript(service));
    const input = {
      entrypoint,
      root: service.root,
      // What a web root would not hold (secrets, hidden files) is not shipped either.
      files: files.filter(file => leftOut(file) === undefined),
      settings: settingsFor(service.functions, entrypoint),
    };
    return ok({
      steps: [
        { kind: 'bundle', label: `bundle ${entrypoint}`, command: { type: 'tool', tool: 'bundle', input } },
      ],
      warnings: unusedFunctions(service, entrypoint),
    });
  },

  // Says how requests reach what the steps have made: files first, then the function "index" for every path.
  finish: request => finishFunction(request, 'index'),

  // Says how the script runs from its sources, in svc dev. It is read anew for each request, so an edit needs no new start.
  develop({ service, entrypoint }) {
    if (entrypoint === null) return failed(noScript(service));
    const file = fileURLToPath(new URL('./runtime/serve.mjs', import.meta.url));
    return ok({ serve: { type: 'module', file }, env: { SCRIPT: entrypoint, SCRIPTS: '.' }, reload: 'self' });
  },
});

/**
 * @param {{ root: string }} service
 * @returns {import('svc/builder-kit').Failure}
 */
function noScript(service) {
  return {
    code: 'entrypoint-not-found',
    message: `there is no shell script in ${service.root}`,
    help: 'Add an index.sh, or name the script as "entrypoint".',
  };
}
