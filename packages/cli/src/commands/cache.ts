import { cacheFolder, LocalStore, pruneStore, readSigningKey, storeStatus, verifyStore } from '@svc/cache';
import { EXIT, exitCodeFor, type Result } from '@svc/contracts';
import { formatSize } from '@svc/reporters';
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
  const largest = cacheSize(process.env);
  if (!largest.ok) return session.refuse(largest.failures);
  const { folder, results, files, size } = storeStatus(store);
  const remote = process.env.SVC_REMOTE_CACHE_URL ?? process.env.TURBO_API;
  return print([
    `${folder}`,
    `${results} results, ${files} files, ${formatSize(size)} of at most ${formatSize(largest.value)}`,
    `remote: ${remote ?? 'none (SVC_REMOTE_CACHE_URL or TURBO_API names one)'}`,
  ]);
}

function prune(store: LocalStore, wanted: string | undefined, session: Session): number {
  const largest: Result<number> =
    wanted === undefined ? cacheSize(process.env) : readSize('--max-size', wanted);
  if (!largest.ok) return session.refuse(largest.failures);
  const { results, files, freed } = pruneStore(store, largest.value);
  return print([`removed ${results} results and ${files} files: ${formatSize(freed)} freed`]);
}

async function verify(store: LocalStore, session: Session): Promise<number> {
  const signing = readSigningKey(process.env);
  if (!signing.ok) return session.refuse(signing.failures);
  const { damage, results, files } = await verifyStore(store, signing.value.key);
  if (damage.length === 0) return print([`${results} results and ${files} files, all as they were stored`]);
  const failures = damage.map(({ path, problem }) => ({
    code: 'cache-damaged' as const,
    message: `${path}: ${problem}`,
    help: 'No build uses it. Delete the file, or run svc cache prune --max-size 0 to start anew.',
  }));
  session.refuse(failures);
  return exitCodeFor(failures);
}

function print(lines: readonly string[]): number {
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}
