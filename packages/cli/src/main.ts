import { EXIT } from '@svc/contracts';
import { findCommand } from './command-line.ts';

/**
 * The whole program. It loads a command only when it is called, since what a build needs takes longer to load than
 * `svc --version` may take.
 */
async function main(): Promise<number> {
  // What svc and the steps write must not depend on who calls.
  process.umask(0o022);
  const found = await findCommand(process.argv.slice(2));
  if (typeof found === 'number') return found;
  return found.run(found.args);
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `svc: this is a bug in svc, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = EXIT.bug;
  },
);
