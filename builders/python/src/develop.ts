import { posix } from 'node:path';
import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import type { AppReference, InstallInput } from './input.ts';
import { planPython } from './plan/plan.ts';

/** Below the service's own folder for development. */
export const ENVIRONMENT = 'venv';
/** What serves an app that brings no server of its own. */
export const SERVER_FILE = 'vc_server.py';

/**
 * A virtual environment outside the sources, and in it: Flask and Django by their own commands, ASGI apps by uvicorn, anything
 * else by what serves it in a deployment. None reloads by itself: svc starts it again at every change, so that an error
 * becomes a page and not a request that hangs (uvicorn's reloader keeps the port open while nothing is behind it).
 */
export async function developPython(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>> {
  const planned = await planPython(request);
  if (!planned.ok) return planned;
  const install = planned.value.steps
    .map(({ command }) =>
      command.type === 'tool' && command.tool === 'python/install' ? command.input : undefined,
    )
    .find(input => input !== undefined) as InstallInput | undefined;
  if (!install) {
    return failed({
      code: 'dev-command-missing',
      message: 'this Python service has no step that installs it',
    });
  }
  const environment = posix.join(request.state, ENVIRONMENT);
  const programs = posix.join(environment, 'bin');
  const paths = install.app.paths.map(path => posix.join(request.paths.root, path));
  const { label, line } = serveLine(request, install.app);
  return ok({
    install: [
      {
        kind: 'build',
        label: planned.value.steps[0]?.label ?? 'install',
        command: { type: 'tool', tool: 'python/environment', input: install },
        network: true,
      },
    ],
    prepare: [],
    serve: { type: 'command', label, line: `exec ${line}` },
    env: {
      VIRTUAL_ENV: environment,
      PYTHONUNBUFFERED: '1',
      ...(paths.length > 0 ? { PYTHONPATH: paths.join(':') } : {}),
    },
    programs: [programs],
    reload: 'restart',
  });
}

function serveLine(request: DevelopmentRequest, app: AppReference): { label: string; line: string } {
  const name = `${app.module}:${app.attribute}`;
  const slug = request.framework?.slug;
  if (slug === 'flask') {
    const options = '--debug --no-reload --host 127.0.0.1 --port "$PORT"';
    return { label: `flask run (${name})`, line: `python -m flask --app ${name} run ${options}` };
  }
  const manage = slug === 'django' ? managePy(request, app) : undefined;
  if (manage !== undefined) {
    const line = `python ${manage} runserver --noreload "127.0.0.1:$PORT"`;
    return { label: `${manage} runserver`, line };
  }
  if (app.interface === 'asgi') {
    const factory = app.factory ? ' --factory' : '';
    const line = `python -m uvicorn ${name} --host 127.0.0.1 --port "$PORT"${factory}`;
    return { label: `uvicorn ${name}`, line };
  }
  const program = [
    'import sys',
    `sys.path.insert(0, ${JSON.stringify(request.state)})`,
    'import vc_server',
    `vc_server.main(${JSON.stringify(app.factory ? 'vc_app' : app.module)}, ${JSON.stringify(app.factory ? 'app' : app.attribute)})`,
  ].join('; ');
  return { label: name, line: `python -c '${program.replaceAll("'", "'\\''")}'` };
}

function managePy({ files }: DevelopmentRequest, app: AppReference): string | undefined {
  const [root = '.'] = app.paths;
  const file = posix.join(root, 'manage.py');
  return files.includes(file) ? file : undefined;
}
