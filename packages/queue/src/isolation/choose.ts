import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Failure, Result } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { probePrefix } from '../folders.ts';
import { quote } from '../paths.ts';
import { fitsOverlayOptions, mountCommands } from './mount-script.ts';
import type { NamespaceTools } from './mounts.ts';

export type IsolationLevel = 'auto' | 'copy' | 'strict' | 'none';

export type Mechanism =
  | { readonly kind: 'mounts'; readonly tools: NamespaceTools; readonly strict: boolean }
  | { readonly kind: 'copy'; readonly why: string | null }
  | { readonly kind: 'none' };

/**
 * Finds out by trying what this machine allows: whether mounts work depends on the kernel, its settings and the
 * container that svc may run in, and no file tells it reliably.
 */
export async function chooseMechanism(level: IsolationLevel, work: string): Promise<Result<Mechanism>> {
  if (level === 'none') return ok({ kind: 'none' });
  if (level === 'copy') return ok({ kind: 'copy', why: null });
  const tried = await tryMounts(work);
  if (typeof tried !== 'string')
    return ok({ kind: 'mounts', tools: await strictTools(tried, level), strict: level === 'strict' });
  if (level === 'strict') return failed(strictUnavailable(tried));
  return ok({ kind: 'copy', why: tried });
}

function strictUnavailable(why: string): Failure {
  return {
    code: 'isolation-unavailable',
    message: `strict isolation needs Linux with mount namespaces, and this machine does not allow them: ${why}`,
    help: "Run as root, allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, or the container's seccomp profile), or use --isolation auto.",
  };
}

/** The tools that work here, or why none does. */
async function tryMounts(work: string): Promise<NamespaceTools | string> {
  if (process.platform !== 'linux') return 'mounts are used on Linux only';
  if (!fitsOverlayOptions(work))
    return 'the path of the project holds a character that mount options use (":", "," or "\\")';
  // Synchronous, so that the attempt runs beside whatever else svc is doing and does not wait for it at every folder.
  mkdirSync(work, { recursive: true });
  const place = mkdtempSync(probePrefix(work));
  try {
    for (const folder of ['lower', 'upper', 'scratch', 'view', 'target', 'temp'])
      mkdirSync(join(place, folder));
    const isRoot = process.getuid?.() === 0;
    const asRoot = ['-m', '-p', '-f', '--kill-child', '--mount-proc'];
    const variants = isRoot ? [asRoot, ['-U', '-r', ...asRoot]] : [['-U', '-r', ...asRoot]];
    let why = '';
    for (const unshare of variants) {
      const outcome = await probe(place, unshare);
      if (outcome === null) return completeTools(unshare, isRoot);
      why = outcome;
    }
    return why;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Null when everything that a working copy needs is allowed; else the first complaint. */
async function probe(place: string, unshare: readonly string[]): Promise<string | null> {
  const at = (name: string) => quote(join(place, name));
  const script = [
    'set -e',
    `mknod ${at('lower/mark')} c 0 0`,
    ...mountCommands({
      table: join(place, 'mounts'),
      skeleton: join(place, 'view'),
      target: join(place, 'target'),
      overlays: [
        {
          at: join(place, 'view'),
          lower: [join(place, 'lower')],
          upper: join(place, 'upper'),
          scratch: join(place, 'scratch'),
        },
      ],
      binds: [],
      temp: join(place, 'temp'),
      exposed: [],
    }),
    `mkdir ${at('target/made')}`,
  ];
  try {
    await promisify(execFile)('setpriv', [
      '--pdeathsig',
      'KILL',
      'unshare',
      ...unshare,
      '--',
      '/bin/sh',
      '-c',
      script.join('\n'),
    ]);
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr?.trim() || message).split('\n')[0] ?? message;
  }
}

function completeTools(unshare: readonly string[], isRoot: boolean): NamespaceTools {
  const user = [`--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`];
  return {
    unshare,
    parentDeathSignal: ['setpriv', '--pdeathsig', 'KILL'],
    asCaller: isRoot ? [] : ['unshare', '-U', ...user, '--'],
    strace: false,
  };
}

/**
 * In strict isolation even root gives up the powers with which it could undo the mounts. Becoming the caller by a further
 * user namespace is no way there: the kernel allows none below a changed root.
 */
async function strictTools(tools: NamespaceTools, level: IsolationLevel): Promise<NamespaceTools> {
  if (level !== 'strict') return tools;
  const asCaller = ['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--'];
  return { ...tools, asCaller, strace: await straceWorks() };
}

async function straceWorks(): Promise<boolean> {
  try {
    await promisify(execFile)('strace', [
      '-f',
      '-qq',
      '--seccomp-bpf',
      '-e',
      'trace=open',
      '-o',
      '/dev/null',
      'true',
    ]);
    return true;
  } catch {
    // Not installed, too old, or not allowed to trace: strict isolation says so in its summary.
    return false;
  }
}
