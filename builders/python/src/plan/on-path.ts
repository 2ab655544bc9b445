import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Whether a program of that name can be found, without starting it. */
export async function isOnPath(program: string, path = process.env.PATH ?? ''): Promise<boolean> {
  const answers = await Promise.all(
    path
      .split(delimiter)
      .filter(folder => folder !== '')
      .map(folder =>
        access(join(folder, program), constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
  );
  return answers.includes(true);
}
