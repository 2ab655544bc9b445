import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { list } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineName } from '../src/input.ts';
import { type Registry, startRegistry } from './support/registry.ts';
import { type Built, workshop } from './support/workshop.ts';

export interface EngineUnderTest {
  readonly engine: EngineName;
  /** For the name of the suite. */
  readonly label: string;
  /** Whether it understands secret mounts, here-documents and `<Dockerfile>.dockerignore`. */
  readonly isModern: boolean;
  /** Folder that comes first on PATH while it is tested; null to leave PATH alone. */
  readonly path: string | null;
  /** Why it cannot be tested here; null when it can. */
  readonly missing: string | null;
  /** Why pushing cannot be tested here; null when it can. */
  readonly noRegistry: string | null;
}

const PLAIN = 'FROM scratch\nCOPY probe /probe\nEXPOSE 9000 8081/tcp 53/udp\nCMD ["/probe"]\n';

/** What every container engine has to do: build, hide, carry, place its errors, push. */
export function engineConformance({
  engine,
  label,
  isModern,
  path,
  missing,
  noRegistry,
}: EngineUnderTest): void {
  describe.skipIf(missing !== null)(`${label}${missing === null ? '' : ` (${missing})`}`, () => {
    const { project, service, temporaryFolder } = workshop();
    const own = { engine };
    let before: string | undefined;
    beforeAll(() => {
      before = process.env.PATH;
      if (path !== null) process.env.PATH = `${path}:${before}`;
    });
    afterAll(() => {
      process.env.PATH = before;
    });

    it('makes an archive that engines and OCI tools read, with what its settings say', async () => {
      const { build } = await project({ Dockerfile: PLAIN });
      const built = succeeded(
        await build({ ...own, command: ['/probe', 'x'], settings: { memory: 256, nonsense: 1 } }),
      );
      expect(built.config).toMatchObject({
        runtime: 'container',
        handler: 'image.tar',
        command: ['/probe', 'x'],
        memory: 256,
        image: { archive: 'image.tar', port: 8081 },
      });
      expect(built.config).not.toHaveProperty('nonsense');
      const image = await contents(built);
      expect(image.index.manifests).toEqual([expect.objectContaining({ digest: built.config.image.digest })]);
      expect(image.manifest.config.digest).toBe(built.config.image.id);
      expect(image.docker[0].Config).toBe(`blobs/sha256/${built.config.image.id.slice(7)}`);
      for (const [name, bytes] of image.blobs) expect(name).toBe(`blobs/sha256/${sha256(bytes)}`);
      expect(image.files()).toEqual(['probe']);
    });

    it('makes the same bytes again: after a change of times, from another folder, without its cache', async () => {
      const one = await project({ Dockerfile: PLAIN });
      const first = succeeded(await one.build(own));
      await one.touch('probe');
      const second = succeeded(await one.build(own));
      const other = await project({ Dockerfile: PLAIN, 'not-copied': 'x' });
      const third = succeeded(await other.build(own));
      for (const again of [second, third]) {
        expect(again.config).toEqual(first.config);
        expect(await archiveDigest(again)).toBe(await archiveDigest(first));
      }
    });

    it('gives build arguments that are declared, set and asked for, and no others', async () => {
      const { build } = await project({
        Dockerfile:
          'FROM scratch\nARG WANTED\nARG NOT_ADMITTED=own\nENV A=$WANTED B=$NOT_ADMITTED\nCOPY probe /\n',
      });
      const env = { WANTED: 'given by the caller', NOT_ADMITTED: 'leaked', NOT_DECLARED: 'nothing' };
      const built = succeeded(await build({ ...own, args: ['WANTED', 'NOT_DECLARED'] }, env));
      const { config } = await contents(built);
      expect(config.config.Env).toEqual(expect.arrayContaining(['A=given by the caller', 'B=own']));
    });

    it('takes the context with its .dockerignore, and a Dockerfile from a folder below', async () => {
      const { build } = await project({
        'docker/api.Dockerfile': 'FROM scratch\nCOPY . /all\n',
        'apps/api/code.txt': 'code',
        'apps/api/secret.txt': 'hidden',
        'shared/lib.txt': 'shared',
        '.dockerignore': 'probe\n**/secret.txt\ndocker\n.dockerignore\n',
      });
      const built = succeeded(await build({ ...own, dockerfile: 'docker/api.Dockerfile' }));
      const { files } = await contents(built);
      expect(
        files()
          .filter(name => name.endsWith('.txt'))
          .sort(),
      ).toEqual(['all/apps/api/code.txt', 'all/shared/lib.txt']);
      const narrow = succeeded(
        await build({ ...own, dockerfile: 'docker/api.Dockerfile', context: 'apps/api' }),
      );
      expect((await contents(narrow)).files().filter(name => name.endsWith('.txt'))).toEqual([
        'all/code.txt',
        'all/secret.txt',
      ]);
    });

    it('honours the ignore file of one Dockerfile, or says that it cannot', async () => {
      const { build } = await project({
        Dockerfile: 'FROM scratch\nCOPY . /all\n',
        'Dockerfile.dockerignore': 'secret.txt\n',
        'secret.txt': 'hidden',
        'code.txt': 'code',
      });
      const built = await build(own);
      if (!isModern) {
        expect(failuresOf(built)).toMatchObject([
          { code: 'tool-missing', message: expect.stringContaining('Dockerfile.dockerignore') },
        ]);
        return;
      }
      const files = (await contents(succeeded(built))).files();
      expect(files).toContain('all/code.txt');
      expect(files).not.toContain('all/secret.txt');
    });

    it('mounts secrets and leaves nothing of them in the image, or says that it cannot', async () => {
      const { build } = await project({
        Dockerfile:
          'FROM scratch\nCOPY probe /probe\nRUN --mount=type=secret,id=TOKEN,required=true ["/probe"]\n',
      });
      const built = await build({ ...own, secrets: ['TOKEN'] }, { TOKEN: 'a-very-secret-token' });
      if (!isModern) {
        expect(failuresOf(built)).toMatchObject([
          { code: 'tool-missing', help: expect.stringContaining('buildx') },
        ]);
        return;
      }
      const whole = await readFile(join(succeeded(built).folder, 'image.tar'));
      expect(whole.includes('a-very-secret-token')).toBe(false);
      expect((await contents(succeeded(built))).files()).toContain('made');
    });

    it('refuses a secret as a build argument, at its line', async () => {
      const { build } = await project({ Dockerfile: 'FROM scratch\nARG TOKEN\nCOPY probe /\n' });
      const failures = failuresOf(await build({ ...own, secrets: ['TOKEN'] }, { TOKEN: 'x' }));
      expect(failures).toMatchObject([{ code: 'build-failed', position: { file: 'Dockerfile', line: 2 } }]);
    });

    it.each([
      ['an unknown instruction', 'FROM scratch\nCOPY probe /probe\nFOO bar\n', 'build-failed', 3, /FOO/],
      [
        'a file that is not in the context',
        '# note\nFROM scratch\nCOPY probe /probe\nCOPY absent /x\n',
        'build-failed',
        4,
        /absent/,
      ],
      [
        'a file that another stage has not',
        'FROM scratch AS a\nCOPY probe /probe\n\nFROM scratch\nCOPY --from=a /prob /p\n',
        'build-failed',
        5,
        /prob/,
      ],
      [
        'a command that fails',
        'FROM scratch\nCOPY probe /probe\nRUN ["/probe", \\\n  "fail"]\n',
        'build-failed',
        3,
        /fail/,
      ],
      [
        'a base image that cannot be pulled',
        'ARG V=1\nFROM 127.0.0.1:9/no/such:$V\nCOPY probe /\n',
        'image-unavailable',
        2,
        /127\.0\.0\.1:9/,
      ],
    ])('places %s', async (_, Dockerfile, code, line, message) => {
      const { build } = await project({ 'sub/Dockerfile': Dockerfile });
      const [failure, ...others] = failuresOf(
        await build({ ...own, root: 'apps/api', dockerfile: 'sub/Dockerfile' }),
      );
      expect(others).toEqual([]);
      expect(failure).toMatchObject({
        code,
        message: expect.stringMatching(message),
        position: { file: 'apps/api/sub/Dockerfile', line, lineText: Dockerfile.split('\n')[line - 1] },
      });
    });

    it('shows the last lines of a command that fails', async () => {
      const { build } = await project({
        Dockerfile: 'FROM scratch\nCOPY probe /probe\nRUN ["/probe", "fail"]\n',
      });
      const [failure] = failuresOf(await build(own));
      expect(failure?.output?.join('\n')).toContain('a word before it fails');
    });

    it.skipIf(noRegistry !== null)('pushes to a registry and refers to it by digest', async () => {
      const registry: Registry = await startRegistry(await temporaryFolder());
      try {
        const { build } = await project({ Dockerfile: PLAIN });
        const built = succeeded(await build({ ...own, registry: `${registry.host}/team` }));
        const { handler, image } = built.config;
        expect(handler).toBe(`${registry.host}/team/${service}@${image.digest}`);
        expect(image).not.toHaveProperty('archive');
        const answer = await fetch(`http://${registry.host}/v2/team/${service}/manifests/${image.digest}`, {
          headers: {
            accept:
              'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json',
          },
        });
        expect(answer.status).toBe(200);
        const text = await answer.text();
        expect(`sha256:${sha256(Buffer.from(text))}`).toBe(image.digest);
        expect(JSON.parse(text).config.digest).toBe(image.id);
        const again = succeeded(await build({ ...own, registry: `${registry.host}/team` }));
        expect(again.config).toEqual(built.config);
      } finally {
        await registry.stop();
      }
    });

    it('says that a registry cannot be reached', async () => {
      const { build } = await project({ Dockerfile: PLAIN });
      const [failure] = failuresOf(await build({ ...own, registry: '127.0.0.1:9/team' }));
      expect(failure).toMatchObject({
        code: 'push-failed',
        help: expect.stringContaining('login 127.0.0.1:9'),
      });
    });
  });
}

function succeeded(built: Built): Extract<Built, { ok: true }> {
  if (!built.ok) throw new Error(JSON.stringify(built.failures, null, 2));
  return built;
}

function failuresOf(built: Built) {
  if (built.ok) throw new Error('it was built');
  return built.failures;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function archiveDigest({ folder }: Extract<Built, { ok: true }>): Promise<string> {
  return sha256(await readFile(join(folder, 'image.tar')));
}

/** What an image archive holds. */
async function contents({ folder, config }: Extract<Built, { ok: true }>) {
  const entries = new Map<string, Buffer>();
  await list({
    file: join(folder, 'image.tar'),
    onReadEntry: entry => {
      const chunks: Buffer[] = [];
      entry.on('data', chunk => chunks.push(Buffer.from(chunk)));
      entry.on('end', () => entries.set(entry.path, Buffer.concat(chunks)));
    },
  });
  const json = (name: string) => JSON.parse(String(entries.get(name)));
  const blob = (digest: string) => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const manifest = json(blob(config.image.digest));
  const layers: Buffer[] = manifest.layers.map(({ digest }: { digest: string }) => entries.get(blob(digest)));
  const names: string[] = [];
  for (const layer of layers) {
    const parser = list({
      sync: false,
      onReadEntry: entry => void (entry.type === 'File' && names.push(entry.path)),
    });
    await new Promise<void>((resolve, reject) => {
      parser.on('end', resolve).on('error', reject);
      parser.end(layer);
    });
  }
  return {
    index: json('index.json'),
    docker: json('manifest.json'),
    manifest,
    config: json(blob(manifest.config.digest)),
    blobs: [...entries].filter(([name]) => name.startsWith('blobs/')),
    files: () => names,
  };
}
