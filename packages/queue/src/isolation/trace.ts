import { createReadStream } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Failure } from '@svc/contracts';
import { exists } from '../folders.ts';
import { contains } from '../paths.ts';
import { type Ground, isShown, type Rules } from '../visibility.ts';

/** How many undeclared reads are named; the rest is counted. */
const NAMED = 5;

/** Calls that name files or peers. The filter runs in the kernel, so that other calls cost nothing. */
export function traceArguments(file: string): string[] {
  return [
    'strace',
    '-f',
    '-qq',
    '-y',
    '--seccomp-bpf',
    '-e',
    'trace=open,openat,openat2,connect',
    '-e',
    'signal=none',
    '-o',
    file,
  ];
}

/** Reads a trace and says which files and peers were asked for in vain although they exist outside the view. */
export async function readViolations(trace: string, ground: Ground, rules: Rules): Promise<Failure[]> {
  if (!(await exists(trace))) return [];
  const opened = new Set<string>();
  const peers = new Set<string>();
  for await (const line of createInterface({ input: createReadStream(trace, 'utf8') })) {
    const peer = peerOf(line);
    if (peer) peers.add(peer);
    const path = missingFile(line);
    if (path && contains(ground.boundary, path)) opened.add(relative(ground.boundary, path) || '.');
  }
  const hidden: string[] = [];
  for (const path of [...opened].sort()) {
    if (isUndeclared(path, ground, rules) && (await exists(join(ground.boundary, path)))) hidden.push(path);
  }
  return [
    ...hidden.slice(0, NAMED).map(path => readFailure(path, hidden.length)),
    ...[...peers].map(networkFailure),
  ];
}

/** Of what is hidden, generated folders do not count: looking whether a `dist` is there is no undeclared read. */
function isUndeclared(path: string, ground: Ground, rules: Rules): boolean {
  if (ground.reserved.some(reserved => contains(reserved, path))) return false;
  const isInIgnoredFolder = [...ground.ignored].some(ignored => path !== ignored && contains(ignored, path));
  if (isInIgnoredFolder || ground.composed.has(path)) return false;
  return ground.ignored.has(path) || !isShown(path, rules);
}

function missingFile(line: string): string | undefined {
  const match =
    /\bopen(?:at2?)?\((?:AT_FDCWD|-?\d+)?(?:<([^>]*)>)?(?:, )?"((?:[^"\\]|\\.)*)".*= -1 (?:ENOENT|EACCES|ENOTDIR)/.exec(
      line,
    );
  if (!match) return undefined;
  const [, folder = '/', name = ''] = match;
  return resolve(posix.normalize(folder), readEscapes(name));
}

/** Strace writes other bytes than printable ASCII as octal, one escape a byte. */
function readEscapes(text: string): string {
  const bytes = text.replace(/\\([0-7]{1,3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(bytes.replace(/\\(["\\])/g, '$1'), 'latin1').toString('utf8');
}

function peerOf(line: string): string | undefined {
  const match =
    /\bconnect\(.*sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/.exec(
      line,
    );
  if (!match) return undefined;
  const port = match[1] ?? '0';
  const address = match[2] ?? match[3] ?? '';
  // Node and libc connect to port 0 to learn their own address; nothing is sent.
  if (port === '0') return undefined;
  if (port === '53') return 'a name server (it looks a host name up)';
  if (address.startsWith('127.') || address === '::1') return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function readFailure(path: string, total: number): Failure {
  const more = total > NAMED ? ` (and ${total - NAMED} more)` : '';
  return {
    code: 'undeclared-read',
    message: `the build reads "${path}"${more}, which is none of this service's inputs`,
    help: `If the service needs it, declare it in svc.json: "inputs": [${JSON.stringify(path)}]`,
  };
}

function networkFailure(peer: string): Failure {
  return {
    code: 'undeclared-network',
    message: `the build opens a connection to ${peer}, and builds have no network in strict isolation`,
    help: 'Fetch what it needs in the install step ("installCommand"), or build with --isolation auto.',
  };
}
