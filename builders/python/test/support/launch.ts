import { launchFunction, type Running } from '@svc/builder-kit/test-support';

/**
 * Starts a copy of a function with nothing but `PATH`: by a Unix socket that it reports to, as the platform does, and, where
 * `port` is asked for, listening on that port by svc's own server.
 */
export function launch(
  folder: string,
  options: { readonly python?: string; readonly port?: number; readonly env?: Record<string, string> } = {},
): Promise<Running> {
  return launchFunction(folder, ({ home, socket }) => ({
    command: options.python ?? 'python3',
    args: ['vc__handler__python.py'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      VERCEL_IPC_PATH: socket,
      ...(options.port === undefined ? {} : { PORT: String(options.port) }),
      ...options.env,
    },
  }));
}
