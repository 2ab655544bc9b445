import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asList, asRecord, asString } from '../deployment/shape.ts';
import type { LaunchReport } from '../launcher/orders.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** What all functions of one run share: a private folder for their sockets, the line they report on, the watchdog. */
export interface RunFolder {
  /** The mark that all processes of this run carry in their environment. */
  readonly run: string;
  /** Path of the socket that launchers report on. */
  readonly control: string;
  /** A path in the private folder that nothing has yet. */
  path(name: string): string;
  /** Calls back with what the launcher of that name reports, until the returned function is called. */
  onReport(instance: string, listener: (report: LaunchReport) => void): () => void;
  /** What else has to be removed when the run is closed, and not before. */
  onClose(task: () => Promise<void>): void;
  /** Calls back with what functions have declared changed. */
  onTags(listener: (report: TagReport) => void): void;
  close(): Promise<void>;
}

export type TagReport = Extract<LaunchReport, { state: 'tags' }>;

/** The longest path that a Unix socket may have, less what our own file names need. Bytes; Linux 107, macOS 103. */
const LONGEST_FOLDER = 80;

export async function openRunFolder(watchdogProgram: string): Promise<RunFolder> {
  const base = Buffer.byteLength(tmpdir()) > LONGEST_FOLDER ? '/tmp' : tmpdir();
  // Made by mkdtemp, the folder is only for this user: nobody else can call a function past the router.
  const folder = mkdtempSync(join(base, 'svc-start-'));
  const run = randomBytes(16).toString('hex');
  const listeners = new Map<string, (report: LaunchReport) => void>();
  const control = join(folder, 'control.sock');
  let onTags: (report: TagReport) => void = () => undefined;
  const lines = new Set<Socket>();
  const server = await listenForReports(control, lines, report => {
    if (report.state !== 'tags') {
      listeners.get(report.instance)?.(report);
      return;
    }
    onTags(report);
    const news = `${JSON.stringify({ id: report.id, tags: report.tags })}\n`;
    for (const line of lines) line.write(news);
  });
  const watchdog: Watchdog = startWatchdog(watchdogProgram, run, folder);
  let nextName = 0;
  const tasks: (() => Promise<void>)[] = [];
  const removeFolder = removeAtExit(folder);
  return {
    run,
    control,
    path: name => join(folder, `${nextName++}.${name}`),
    onReport(instance, listener) {
      listeners.set(instance, listener);
      return () => listeners.delete(instance);
    },
    onClose: task => void tasks.push(task),
    onTags(listener) {
      onTags = listener;
    },
    async close() {
      for (const task of tasks) await task();
      await new Promise<void>(resolve => server.close(() => resolve()));
      removeFolder();
      watchdog.dismiss();
    },
  };
}

/** Whatever code writes there must not end svc. */
function readReport(line: string): LaunchReport | undefined {
  try {
    const { instance, state, message, id, service, tags } = asRecord(JSON.parse(line)) ?? {};
    if (typeof instance !== 'string') return undefined;
    if (state === 'tags') {
      const names = asList(tags).filter(tag => typeof tag === 'string');
      return { instance, state, id: String(id), service: asString(service) ?? null, tags: names };
    }
    if (state === 'listening') return { instance, state };
    return state === 'failed' ? { instance, state, message: String(message) } : undefined;
  } catch {
    return undefined;
  }
}

const toRemove = new Set<string>();

/** Removes a folder when it is told to, and at the latest in the last moment of a process that ends early. */
function removeAtExit(folder: string): () => void {
  if (toRemove.size === 0) process.once('exit', removeAll);
  toRemove.add(folder);
  return () => {
    rmSync(folder, { recursive: true, force: true });
    toRemove.delete(folder);
    if (toRemove.size === 0) process.removeListener('exit', removeAll);
  };
}

function removeAll(): void {
  for (const folder of toRemove) rmSync(folder, { recursive: true, force: true });
}

async function listenForReports(
  path: string,
  sockets: Set<Socket>,
  onReport: (report: LaunchReport) => void,
): Promise<Server> {
  const server = createServer(socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const report = readReport(line);
        if (report) onReport(report);
      }
    });
    // The process that it belongs to has ended, which is noticed where the process is waited for.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  server.unref();
  return server;
}
