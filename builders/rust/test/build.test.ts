import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Files, freePort } from '@svc/builder-kit/test-support';
import { describe, expect, it } from 'vitest';
import { lockfile, manifest, SERVER } from './support/programs.ts';
import { WITHOUT_RUST, workshop } from './support/workshop.ts';

const { project, start } = workshop();

const FILES: Files = { 'Cargo.toml': manifest('api'), 'Cargo.lock': lockfile('api'), 'src/main.rs': SERVER };

describe.skipIf(WITHOUT_RUST)('programs are built, copied elsewhere and asked', () => {
  it('stripped, without paths of this machine, and the same wherever they are built', async () => {
    // A dependency outside the package's own folder, and no workspace: cargo names it by its absolute path.
    const files: Files = {
      'api/Cargo.toml': manifest('api', '\n[dependencies]\nwords = { path = "../words" }\n'),
      'api/Cargo.lock': lockfile('api', 'words').replace(
        'version = "0.1.0"\n',
        'version = "0.1.0"\ndependencies = [\n "words",\n]\n',
      ),
      'words/Cargo.toml': manifest('words'),
      'words/src/lib.rs': 'pub fn pick(at: usize) -> &\'static str { ["hello", "bye"][at] }\n',
      'api/src/main.rs': SERVER.replace('"hello"', 'words::pick(std::env::args().len() - 1)'),
      'api/page.html': '<p>',
      'api/other.txt': '',
    };
    const fixture = {
      root: 'api',
      functions: { 'src/main.rs': { memory: 256, maxDuration: 30, includeFiles: '*.html' } },
    };
    const [one, two] = [await project(files), await project(files)];
    const [first, second] = [await one.built(fixture), await two.built(fixture)];
    expect(first.config.routes).toMatchObject([{ handle: 'filesystem' }, { src: '/(.*)', dest: '/rust' }]);
    for (const name of ['user-server', 'executable']) {
      const content = readFileSync(join(first.function, name));
      expect(content.equals(readFileSync(join(second.function, name))), name).toBe(true);
      expect(content.includes(one.boundary)).toBe(false);
      expect(content.includes(process.env.HOME ?? '/root')).toBe(false);
      // No symbol table.
      expect(content.includes('.symtab')).toBe(false);
    }
    expect(JSON.parse(readFileSync(join(first.function, '.vc-config.json'), 'utf8'))).toMatchObject({
      runtime: 'executable',
      handler: 'executable',
      runtimeLanguage: 'rust',
      memory: 256,
      maxDuration: 30,
    });
    expect(existsSync(join(first.function, 'page.html'))).toBe(true);
    expect(existsSync(join(first.function, 'other.txt'))).toBe(false);
    const { origin } = await start(first.function);
    expect(await (await fetch(`${origin}/a?b=c`)).text()).toMatch(/^hello GET \/a\?b=c /);
  });

  it("svc's bridge tells the platform of every request and keeps its headers to itself", async () => {
    const bridged = await start((await (await project(FILES)).built()).function, 'executable');
    const headers = {
      'x-forwarded-for': '1.2.3.4',
      'x-vercel-internal-request-id': '7',
      'x-vercel-internal-invocation-id': 'a"b',
    };
    const answer = await (await fetch(`${bridged.origin}/b`, { headers, method: 'POST', body: 'x' })).text();
    expect(answer).toBe('hello POST /b HTTP/1.1 x-forwarded-for: 1.2.3.4;Connection: close;');
    expect(await (await fetch(`${bridged.origin}/_vercel/ping`)).text()).toBe('OK');
    // Bytes that are no UTF-8 come through as they are.
    const raw = await exchange(
      bridged.origin,
      Buffer.from('GET /\xff HTTP/1.1\r\nHost: x\r\nX-Odd: \xe9\r\n\r\n', 'latin1'),
    );
    expect(raw).toContain('hello GET /\xff HTTP/1.1 X-Odd: \xe9;Connection: close;');
    const upgrade = 'GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await exchange(bridged.origin, Buffer.from(upgrade))).toContain('Connection: Upgrade;');
    await expect
      .poll(() => bridged.messages)
      .toEqual([
        'server-started',
        ...['handler-started', 'end'],
        ...['handler-started', 'end'],
        ...['handler-started', 'end'],
      ]);
  });

  it('again, when a source was put back with an old time', async () => {
    const { boundary, built } = await project(FILES);
    const ask = async (folder: string) => (await fetch(`${(await start(folder)).origin}/`)).text();
    expect(await ask((await built()).function)).toMatch(/^hello/);
    const source = join(boundary, 'src/main.rs');
    writeFileSync(source, SERVER.replace('"hello"', '"other"'));
    utimesSync(source, new Date('2001-02-03'), new Date('2001-02-03'));
    expect(await ask((await built()).function)).toMatch(/^other/);
  });

  it("the service's own build command, by the file that it is told or by what cargo leaves", async () => {
    const { boundary, built, build } = await project(FILES);
    const left = await built({ buildCommand: 'cargo build --release' });
    expect(await (await fetch(`${(await start(left.function)).origin}/x`)).text()).toMatch(/^hello GET \/x/);
    expect(readFileSync(join(left.function, 'user-server')).includes(boundary)).toBe(false);
    const told = await built({
      buildCommand: 'cargo build --release && mv target/release/api "$VERCEL_OUTPUT_FILE"',
    });
    expect(existsSync(join(told.function, 'user-server'))).toBe(true);
    expect(await build({ buildCommand: 'true' })).toMatchObject({
      failures: [{ code: 'entrypoint-not-built', help: expect.stringContaining('$VERCEL_OUTPUT_FILE') }],
    });
  });

  it('without a lockfile, which is told, at the versions that were chosen first', async () => {
    const { boundary, built } = await project({
      'Cargo.toml': manifest('api', '\n[dependencies]\nitoa = "1"\n'),
      'src/main.rs': SERVER,
    });
    const { notices } = await built();
    expect(notices).toMatchObject([
      { code: 'lockfile-missing', help: expect.stringContaining('Cargo.lock') },
    ]);
    // As in every build: the working copy starts with sources and caches only.
    const kept = join(boundary, '.svc-rust/Cargo.lock');
    const chosen = readFileSync(kept, 'utf8');
    const older = chosen
      .replace(/(name = "itoa"\nversion = )"[^"]+"/, '$1"1.0.0"')
      .replace(/^checksum.*\n/gm, '');
    expect(older).not.toBe(chosen);
    writeFileSync(kept, older);
    rmSync(join(boundary, 'Cargo.lock'));
    await built();
    expect(readFileSync(kept, 'utf8')).toContain('name = "itoa"\nversion = "1.0.0"');
  });

  it('a program with features that cargo asks for, from src/bin', async () => {
    const { built } = await project({
      ...FILES,
      'Cargo.toml': manifest(
        'api',
        '\n[features]\nserve = []\n\n[[bin]]\nname = "serve"\nrequired-features = ["serve"]\n',
      ),
      'src/main.rs': '',
      'src/bin/serve.rs': SERVER,
    });
    const { function: folder, plan } = await built({ entrypoint: 'src/bin/serve.rs' });
    expect(plan.steps.at(-1)?.label).toBe('cargo build --release --bin serve');
    expect(await (await fetch(`${(await start(folder)).origin}/`)).text()).toMatch(/^hello/);
  });

  it('a member of a workspace whose other members have no sources here', async () => {
    const { built, boundary } = await project({
      'Cargo.toml': '[workspace]\nresolver = "2"\nmembers = ["services/*", "libs/*"]\n',
      'Cargo.lock': lockfile('api', 'hidden', 'words').replace(
        'version = "0.1.0"\n',
        'version = "0.1.0"\ndependencies = [\n "words",\n]\n',
      ),
      'services/api/Cargo.toml': manifest('api', '\n[dependencies]\nwords = { path = "../../libs/words" }\n'),
      'services/api/src/main.rs': SERVER.replace('"hello"', 'words::GREETING'),
      'services/hidden/Cargo.toml': manifest('hidden', '\n[[bin]]\nname = "hidden"\npath = "start.rs"\n'),
      'libs/words/Cargo.toml': manifest('words'),
      'libs/words/src/lib.rs': 'pub const GREETING: &str = "good day";\n',
    });
    const { function: folder } = await built({ root: 'services/api' });
    expect(existsSync(join(boundary, 'services/hidden/start.rs'))).toBe(true);
    expect(await (await fetch(`${(await start(folder)).origin}/`)).text()).toMatch(/^good day/);
  });
});

describe.skipIf(WITHOUT_RUST)('a program of the crate vercel_runtime', () => {
  it('is the only one of its function, and tells the platform itself', { timeout: 300_000 }, async () => {
    const { built } = await project({
      'Cargo.toml': manifest(
        'api',
        '\n[dependencies]\ntokio = { version = "1", features = ["macros", "rt"] }\nvercel_runtime = "2"\n',
      ),
      'src/main.rs': `use vercel_runtime::{run, service_fn, Error, Request, Response, ResponseBody};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<ResponseBody>, Error> {
    Ok(Response::new(format!("here is {}", request.uri().path()).into()))
}
`,
    });
    const { function: folder, config } = await built();
    expect(config.routes).toMatchObject([{ handle: 'filesystem' }, { src: '/(.*)', dest: '/index' }]);
    expect(readdirSync(folder).sort()).toEqual(['.vc-config.json', 'executable']);
    const { origin, messages } = await start(folder, 'executable', {
      VERCEL_DEV_PORT: String(await freePort()),
    });
    const headers = { 'x-vercel-internal-request-id': '7', 'x-vercel-internal-invocation-id': 'a' };
    expect(await (await fetch(`${origin}/x`, { headers })).text()).toBe('here is /x');
    expect(messages).toContain('server-started');
  });
});

/** Everything that comes back for these bytes. */
function exchange(origin: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}
