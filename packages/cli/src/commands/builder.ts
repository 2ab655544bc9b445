import { EXIT } from '@svc/contracts';
import { readBuilderOptions } from '../builder/options.ts';
import { scaffoldBuilder } from '../builder/scaffold.ts';
import { openSession } from '../session.ts';

/** `svc builder new`: makes a builder to start from. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const options = readBuilderOptions(args);
  if (!options.ok) return session.refuse(options.failures);
  const made = await scaffoldBuilder(options.value);
  if (!made.ok) return session.refuse(made.failures);
  process.stdout.write(`${made.value.join('\n')}\n`);
  return EXIT.done;
}
