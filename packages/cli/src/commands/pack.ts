import { packDeployment } from '@svc/assembler';
import { EXIT, failed, ok, type Result } from '@svc/contracts';
import { deploymentPath } from '../deployment-path.ts';
import { readableSize } from '../numbers.ts';
import { readOptions, usage } from '../options.ts';
import { openSession } from '../session.ts';

const FORMATS = ['tgz', 'tar.zst'] as const;
type Format = (typeof FORMATS)[number];

/** Packs a deployment into one archive. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const words = readOptions('pack', args, { file: { type: 'string' }, format: { type: 'string' } }, 1);
  if (!words.ok) return session.refuse(words.failures);
  const { values, positionals } = words.value;
  const format = readFormat(values.format, values.file);
  if (!format.ok) return session.refuse(format.failures);
  const directory = await deploymentPath(positionals[0] ?? '.');
  if (!directory.ok) return session.refuse(directory.failures);

  const file = values.file ?? `deployment.${format.value}`;
  const packed = await packDeployment({ directory: directory.value, file, format: format.value });
  if (!packed.ok) return session.refuse(packed.failures);
  const { id, files, size } = packed.value;
  process.stdout.write(`${file}  ${id}  ${files} files  ${readableSize(size)}\n`);
  return EXIT.done;
}

/** As asked, else as the file's name says. */
function readFormat(asked: string | undefined, file: string | undefined): Result<Format> {
  const wanted = asked ?? (file?.endsWith('.zst') ? 'tar.zst' : 'tgz');
  const format = FORMATS.find(name => name === wanted);
  return format
    ? ok(format)
    : failed(usage('bad-option-value', `--format is one of ${FORMATS.join(', ')}, not "${asked}"`, 'pack'));
}
