import { verifyDeployment } from '@svc/assembler';
import { EXIT } from '@svc/contracts';
import { deploymentPath } from '../deployment-path.ts';
import { readOptions } from '../options.ts';
import { openSession } from '../session.ts';

/** Checks a deployment directory or an archive against its own digests. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const words = readOptions('verify', args, {}, 1);
  if (!words.ok) return session.refuse(words.failures);
  const path = await deploymentPath(words.value.positionals[0] ?? '.');
  if (!path.ok) return session.refuse(path.failures);
  const verified = await verifyDeployment(path.value);
  if (!verified.ok) return session.refuse(verified.failures);
  process.stdout.write(`${verified.value.id}  ${verified.value.files} files, all as they were built\n`);
  return EXIT.done;
}
