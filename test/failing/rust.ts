import type { FailingProject } from './project.ts';
import { without } from './surroundings.ts';

const PACKAGE = '[package]\nname = "api"\nversion = "0.1.0"\nedition = "2021"\n';
const LOCK = 'version = 3\n\n[[package]]\nname = "api"\nversion = "0.1.0"\n';
const MAIN =
  'use std::net::TcpListener;\n\nfn main() {\n    let port = std::env::var("PORT").unwrap();\n    TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();\n}\n';

export const rustProjects: readonly FailingProject[] = [
  {
    name: 'Rust: not installed',
    files: { 'api/Cargo.toml': PACKAGE, 'api/Cargo.lock': LOCK, 'api/src/main.rs': MAIN },
    surroundings: () => without(/^(cargo|rust)/),
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /[Cc]argo|Rust/, wayOut: /rustup/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Rust: does not compile',
    needs: ['cargo'],
    files: {
      'api/Cargo.toml': PACKAGE,
      'api/Cargo.lock': LOCK,
      'api/src/main.rs': MAIN.replace('{port}"', '{prot}"'),
    },
    expected: {
      exit: 30,
      failures: [{ code: 'build-failed', cause: /cannot find value `prot`/, file: 'api/src/main.rs:5' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Rust: a dependency that Cargo.lock lacks',
    needs: ['cargo'],
    files: {
      'api/Cargo.toml': `${PACKAGE}\n[dependencies]\nitoa = "1"\n`,
      'api/Cargo.lock': LOCK,
      'api/src/main.rs': MAIN,
    },
    expected: {
      exit: 30,
      failures: [
        { code: 'install-failed', cause: /Cargo\.lock/, wayOut: /cargo (update|generate-lockfile|build)/ },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Rust: a dependency that does not exist',
    needs: ['cargo'],
    files: {
      'api/Cargo.toml': `${PACKAGE}\n[dependencies]\nno-such-crate-of-svc-tests = "1"\n`,
      'api/Cargo.lock': `${LOCK}dependencies = [\n "no-such-crate-of-svc-tests",\n]\n\n[[package]]\nname = "no-such-crate-of-svc-tests"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${'0'.repeat(64)}"\n`,
      'api/src/main.rs': MAIN,
    },
    expected: {
      exit: 30,
      failures: [{ code: 'install-failed', cause: /no-such-crate-of-svc-tests/, wayOut: /Cargo\.toml/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Rust: two programs, and nothing says which',
    files: {
      'api/Cargo.toml': PACKAGE,
      'api/Cargo.lock': LOCK,
      'api/src/bin/first.rs': MAIN,
      'api/src/bin/second.rs': MAIN,
    },
    service: { runtime: 'rust' },
    expected: {
      exit: 20,
      failures: [{ code: 'entrypoint-invalid', cause: /first.*second/s, wayOut: /"entrypoint"/ }],
      otherIsBuilt: false,
    },
  },
];
