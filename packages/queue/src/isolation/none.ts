import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFolders, emptyFolders } from '../folders.ts';
import { plainView } from '../view.ts';
import type { Isolation, IsolationContext } from './isolation.ts';

/** Steps run in the checkout itself: for debugging, and for tools that can't bear to be moved. */
export function noIsolation(context: IsolationContext): Isolation {
  const { boundary, reserved } = context.ground;
  return {
    name: 'none',
    unpromised: [
      'steps run in the checkout itself: they see all of it, write into it, and can disturb each other',
    ],
    async open(request) {
      const { control, temp } = copyFolders(context.work, request.id);
      const output = join(control, 'output');
      const home = join(control, 'home');
      for (const folder of [output, temp]) await rm(folder, { recursive: true, force: true });
      for (const folder of [output, home, temp]) await mkdir(folder, { recursive: true });
      return {
        id: request.id,
        output,
        report: join(control, 'report.json'),
        home,
        temp,
        boundary,
        view: plainView(
          boundary,
          path => !reserved.some(folder => path === folder || path.startsWith(`${folder}/`)),
        ),
        toolPath: module => module,
        wrap: command => ({
          file: command.file,
          args: command.args,
          cwd: join(boundary, command.cwd),
          sealed: false,
        }),
        empty: paths => emptyFolders(boundary, paths),
        violations: async () => [],
      };
    },
    close: async () => {},
  };
}
