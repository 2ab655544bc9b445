import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevelopmentServer, PreparedImage } from '@svc/builder-kit';
import { launchContainer } from '@svc/runtime';
import { type LaunchPlace, START_TIMEOUT } from './launch.ts';

/**
 * The container of the image that has just been made, by the same means as in `svc start`: in a network of this run, with doors
 * to its bindings, removed when svc is gone.
 *
 * @throws StartError when docker is missing or down.
 */
export async function containerPlan(
  { image, command, memory }: Extract<DevelopmentServer, { type: 'container' }>,
  { state, folder, env, given, bindings }: LaunchPlace,
) {
  const made = JSON.parse(await readFile(join(state, image), 'utf8')) as PreparedImage;
  return launchContainer(
    { image: made, command, memory },
    { folder, env, given, bindings, directory: state, startTimeout: START_TIMEOUT },
  );
}
