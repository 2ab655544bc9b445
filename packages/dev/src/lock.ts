import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';

/** Who runs `svc dev` in a checkout. `started` (clock ticks) and `boot` tell a process from a later one of the same id. */
interface Holder {
  readonly pid: number;
  readonly port: number | null;
  readonly started: string;
  readonly boot: string;
  readonly nonce: string;
}

export interface DevLock {
  /** Says where it answers, for whoever comes second. */
  tell(port: number): void;
  /** Synchronous; calling it again does nothing. */
  release(): void;
}

/**
 * Claims a checkout for this process by `.svc/dev.lock`. Fails with `dev-running`, naming the process and its port. The lock of
 * a process that has ended is taken over.
 *
 * @param project absolute path of the project's folder.
 */
export function holdCheckout(project: string): Result<DevLock> {
  const folder = join(project, '.svc');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'dev.lock');
  const own: Holder = {
    pid: process.pid,
    port: null,
    started: startOf(process.pid),
    boot: bootId(),
    nonce: randomBytes(8).toString('hex'),
  };
  for (;;) {
    if (create(path, own)) break;
    const holder = readHolder(path);
    if (holder === 'gone') continue;
    if (holder !== 'damaged' && isRunning(holder)) return failed(held(project, holder));
    removeStale(path, holder === 'damaged' ? null : holder.nonce);
  }
  return ok({
    tell: port => {
      const fresh = `${path}.${own.nonce}`;
      writeFileSync(fresh, JSON.stringify({ ...own, port }));
      renameSync(fresh, path);
    },
    release: () => {
      const holder = readHolder(path);
      if (typeof holder === 'object' && holder.nonce === own.nonce) rmSync(path, { force: true });
    },
  });
}

/** Complete from the moment it is there: a link to a file that was written before. */
function create(path: string, holder: Holder): boolean {
  const fresh = `${path}.${holder.nonce}`;
  writeFileSync(fresh, JSON.stringify(holder));
  try {
    linkSync(fresh, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Of two processes that find the same dead lock, one moves it away; the other must not move away the first one's new lock. */
function removeStale(path: string, nonce: string | null): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  const isFresh = typeof moved === 'object' && moved.nonce !== nonce;
  try {
    if (isFresh) linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(path: string): Holder | 'gone' | 'damaged' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    if (typeof holder.pid !== 'number' || typeof holder.nonce !== 'string') return 'damaged';
    const port = typeof holder.port === 'number' ? holder.port : null;
    return {
      pid: holder.pid,
      port,
      started: `${holder.started}`,
      boot: `${holder.boot}`,
      nonce: holder.nonce,
    };
  } catch {
    return 'damaged';
  }
}

function isRunning({ pid, started, boot }: Holder): boolean {
  if (boot !== bootId()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === startOf(pid);
}

/** Field 22 of /proc/PID/stat; empty where there is no such thing. The name before it may itself hold spaces and brackets. */
function startOf(pid: number): string {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function bootId(): string {
  return readOr('/proc/sys/kernel/random/boot_id').trim();
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function held(project: string, { pid, port }: Holder) {
  const where = port === null ? '' : `, on port ${port}`;
  return {
    code: 'dev-running' as const,
    message: `svc dev runs in this checkout already: process ${pid}${where}`,
    help: `Open ${port === null ? 'it' : `http://localhost:${port}`} in a browser, or end it with \`kill ${pid}\`. The checkout is ${project}.`,
  };
}
