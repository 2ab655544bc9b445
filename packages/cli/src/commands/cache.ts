import { cacheFolder, LocalStore, pruneStore, readSigningKey, storeStatus, verifyStore } from '@svc/cache';
import { EXIT, exitCodeFor, type Result } from '@svc/contracts';
import { formatSize } from '@svc/reporters';
import { readScopes, writeScope } from '../cache/scopes.ts';
import { cacheSize, readSize } from '../cache/size.ts';
import { readOptions, usage } from '../options.ts';
import { openSession, type Session } from '../session.ts';

/** Shows, prunes or checks what this machine keeps of earlier builds. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const words = readOptions('cache', args, { 'max-size': { type: 'string' } }, 1);
  if (!words.ok) return session.refuse(words.failures);
  const [action = 'status'] = words.value.positionals;
  const store = new LocalStore(cacheFolder(process.env));
  switch (action) {
    case 'status':
    case 'show':
      return status(store, session);
    case 'prune':
      return prune(store, words.value.values['max-size'], session);
    case 'verify':
      return verify(store, session);
    default:
      return session.refuse([
        usage('unexpected-argument', `"${action}" is none of status, prune, verify`, 'cache'),
      ]);
  }
}

function status(store: LocalStore, session: Session): number {
  const { env } = process;
  const largest = cacheSize(env);
  if (!largest.ok) return session.refuse(largest.failures);
  const { folder, results, files, size } = storeStatus(store);
  const remote = env.SVC_REMOTE_CACHE_URL || env.TURBO_API;
  const isSigned = Boolean(env.SVC_CACHE_KEY || env.SVC_CACHE_KEY_FILE);
  return print([
    `this machine  ${folder}`,
    `              ${held(results, files)}, ${formatSize(size)} of at most ${formatSize(largest.value)}`,
    `remote        ${remote ?? 'none (SVC_REMOTE_CACHE_URL or TURBO_API names one)'}`,
    `scopes        stores as ${writeScope(env)}, uses ${readScopes(env).join(', ')}`,
    `signatures    ${isSigned ? 'checked and made, with the key that is set' : 'none (SVC_CACHE_KEY sets a key)'}`,
  ]);
}

function prune(store: LocalStore, wanted: string | undefined, session: Session): number {
  const largest: Result<number> =
    wanted === undefined ? cacheSize(process.env) : readSize('--max-size', wanted);
  if (!largest.ok) return session.refuse(largest.failures);
  const { results, files, freed } = pruneStore(store, largest.value);
  const left = storeStatus(store);
  const isOver = left.size > largest.value;
  return print([
    `removed ${held(results, files)}: ${formatSize(freed)} freed`,
    `left are ${held(left.results, left.files)}, ${formatSize(left.size)}`,
    ...(isOver
      ? [
          'Files of the last hour stay, since a build may be about to use them; --max-size 0 removes those as well.',
        ]
      : []),
  ]);
}

function held(results: number, files: number): string {
  return `${count(results, 'result')} and ${count(files, 'file')}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

async function verify(store: LocalStore, session: Session): Promise<number> {
  const signing = readSigningKey(process.env);
  if (!signing.ok) return session.refuse(signing.failures);
  const { damage, results, files } = await verifyStore(store, signing.value.key);
  if (damage.length === 0) return print([`${held(results, files)}, all as they were stored`]);
  const failures = damage.map(({ path, problem }) => ({
    code: 'cache-damaged' as const,
    message: `${path}: ${problem}`,
    help: 'No build uses it: the next one that would builds anew and replaces it. To be rid of it now, delete the file.',
  }));
  session.refuse(failures);
  return exitCodeFor(failures);
}

function print(lines: readonly string[]): number {
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}
