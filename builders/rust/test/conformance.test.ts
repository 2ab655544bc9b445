import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { rustBuilder } from '../src/index.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));

/** The standard library alone, so that compiling it takes seconds. */
const main = `use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() {
    let port = env::var("PORT").unwrap();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut first = String::new();
        let _ = reader.read_line(&mut first);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
            line.clear();
        }
        let path = first.split(' ').nth(1).unwrap_or("/");
        let body = format!("{} {}", path, env::var("GREETING").unwrap_or_default());
        let head = format!("HTTP/1.1 200 OK\\r\\ncontent-length: {}\\r\\nconnection: close\\r\\n\\r\\n", body.len());
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }
}
`;
const manifest = '[package]\nname = "service"\nversion = "0.1.0"\nedition = "2021"\n';
const lockfile = 'version = 3\n\n[[package]]\nname = "service"\nversion = "0.1.0"\n';

const checks = conformance(rustBuilder({ fetch: tool('rust-fetch'), build: tool('rust-build') }), [
  {
    name: 'a server of the standard library',
    needs: ['cargo'],
    files: { 'Cargo.toml': manifest, 'Cargo.lock': lockfile, 'src/main.rs': main },
    service: { runtime: 'rust' },
    runEnv: { GREETING: 'hello' },
    requests: [{ path: '/a/b?c=1', expect: { body: '/a/b?c=1 hello' } }],
    edit: {
      files: { 'src/main.rs': main.replace('{} {}', '{}: {}') },
      requests: [{ path: '/a', expect: { body: '/a: hello' } }],
    },
  },
  {
    name: 'a compile error',
    needs: ['cargo'],
    files: {
      'Cargo.toml': manifest,
      'Cargo.lock': lockfile,
      'src/main.rs': 'fn main() {\n    undefined_name();\n}\n',
    },
    service: { runtime: 'rust' },
    fails: [{ code: 'build-failed', message: /undefined_name/, file: 'service/src/main.rs', line: 2 }],
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
