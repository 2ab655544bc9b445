import { unpackArchive } from '@svc/assembler';
import { EXIT } from '@svc/contracts';
import { readOptions, usage } from '../options.ts';
import { openSession } from '../session.ts';

/** Unpacks a preview artifact into a new folder. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const words = readOptions('unpack', args, {}, 2);
  if (!words.ok) return session.refuse(words.failures);
  const [file, to] = words.value.positionals;
  if (file === undefined || to === undefined) {
    return session.refuse([usage('bad-option-value', 'svc unpack needs an archive and a folder', 'unpack')]);
  }
  const unpacked = await unpackArchive({ file, to });
  if (!unpacked.ok) return session.refuse(unpacked.failures);
  process.stdout.write(`${to}  ${unpacked.value.manifest.id}\n`);
  return EXIT.done;
}
