import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  readonly manifest?: object;
  readonly files: Readonly<Record<string, string>>;
}

export interface Registry {
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: string[];
  /** From now on, tarballs are other bytes than the ones that were published. */
  tamper(): void;
  close(): Promise<void>;
}

/** A registry on loopback that serves packages made of the given files, packed by the real npm. */
export async function startRegistry(packages: readonly PublishedPackage[]): Promise<Registry> {
  const scratch = await mkdtemp(join(tmpdir(), 'svc-registry-'));
  const tarballs = new Map<string, Buffer>();
  for (const [index, each] of packages.entries()) {
    tarballs.set(`/${each.name}/-/${index}.tgz`, await pack(join(scratch, String(index)), each));
  }
  const requests: string[] = [];
  let isTampered = false;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    requests.push(path);
    const tarball = tarballs.get(path);
    if (tarball) return response.end(isTampered ? tarball.subarray(0, -1) : tarball);
    const versions = packages.flatMap((each, index) =>
      `/${each.name}` === path ? [[each, `/${each.name}/-/${index}.tgz`] as const] : [],
    );
    if (versions.length === 0) return response.writeHead(404).end('{}');
    response.setHeader('content-type', 'application/json');
    return response.end(
      JSON.stringify({
        name: path.slice(1),
        'dist-tags': { latest: versions.at(-1)?.[0].version },
        versions: Object.fromEntries(
          versions.map(([each, address]) => {
            const integrity = `sha512-${createHash('sha512')
              .update(tarballs.get(address) ?? '')
              .digest('base64')}`;
            const dist = { tarball: `${url}${address}`, integrity };
            return [each.version, { ...each.manifest, name: each.name, version: each.version, dist }];
          }),
        ),
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    tamper: () => {
      isTampered = true;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

async function pack(folder: string, { name, version, manifest, files }: PublishedPackage): Promise<Buffer> {
  const all = { ...files, 'package.json': JSON.stringify({ main: 'index.js', ...manifest, name, version }) };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { stdout } = await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--silent'], {
    cwd: folder,
  });
  return readFile(join(folder, stdout.trim().split('\n').at(-1) ?? ''));
}
