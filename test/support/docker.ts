import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}

/** The tag of a service's image in development: it stays with docker, so that the next start finds its layers. */
export function imageOf(project: string, service: string, root: string): string {
  const place = createHash('sha256')
    .update(JSON.stringify([realpathSync(project), root]))
    .digest('hex')
    .slice(0, 12);
  return `svc-dev/${service}:${place}`;
}

/** Ids of the containers of an image, those that have ended included. */
export function containersOf(image: string): string[] {
  const found = docker('ps', '--all', '--quiet', '--filter', `ancestor=${image}`);
  return found === '' ? [] : found.split('\n');
}
