import { EXIT, failed, ok, type Result } from '@svc/contracts';
import { describeExplanation, type RouterRequest } from '@svc/router';
import { readDeployment, routerOf } from '@svc/runtime';
import { readOptions, usage } from '../options.ts';
import { openSession } from '../session.ts';
import { findDeployment } from '../start/deployment.ts';

const DEFAULT_HOST = 'localhost';

/** Tells where a request would go, and why: every rule that was looked at, in order. Nothing is started. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const options = { header: { type: 'string', short: 'H', multiple: true } } as const;
  const words = readOptions('route', args, options, 3);
  if (!words.ok) return session.refuse(words.failures);
  const { values, positionals } = words.value;
  const request = readRequest(positionals, values.header ?? []);
  if (!request.ok) return session.refuse(request.failures);
  const found = await findDeployment(positionals[2] ?? '.');
  if (!found.ok) return session.refuse(found.failures);
  const deployment = await readDeployment(found.value.directory);
  if (!deployment.ok) return session.refuse(deployment.failures);
  const router = routerOf(deployment.value, process.env);
  if (!router.ok) return session.refuse(router.failures);

  const lines = describeExplanation(router.value.explain(request.value));
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}

function readRequest(words: readonly string[], lines: readonly string[]): Result<RouterRequest> {
  const [method, target] = words;
  if (method === undefined || target === undefined) {
    return failed(
      usage('bad-option-value', 'svc route needs a method and a path, as in GET /api/users', 'route'),
    );
  }
  if (!target.startsWith('/')) {
    return failed(usage('bad-option-value', `"${target}" is no path: it has to begin with a slash`, 'route'));
  }
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      return failed(usage('bad-option-value', `"${line}" is no header: write -H 'name: value'`, 'route'));
    }
    headers[name.toLowerCase()] = value;
  }
  const { host = DEFAULT_HOST } = headers;
  return ok({ method: method.toUpperCase(), target, headers: { host, ...headers }, host });
}
