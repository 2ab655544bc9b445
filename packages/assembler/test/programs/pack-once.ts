import { assemble, packDeployment } from '../../src/index.ts';
import { requestFor, serviceFiles } from '../support/requests.ts';

// Arguments: project folder, archive, format, seed. The seed decides the umask and the order in which files are made.
const [, , folder = '', file = '', format = '', seed = '0'] = process.argv;
process.umask([0o000, 0o002, 0o022, 0o027, 0o077][Number(seed) % 5] ?? 0);

const names = [
  'index.html',
  'a/b.txt',
  'a/B.css',
  'ä.txt',
  'z.js',
  'Z.md',
  '10.txt',
  '9.txt',
  'run',
  '\u{1f600}.txt',
  '\uffe0.txt',
];
const shuffled = names
  .map((name, index) => ({ name, key: ((index + 1) * (Number(seed) + 7) * 2654435761) % 4294967296 }))
  .sort((a, b) => a.key - b.key);
const statics = Object.fromEntries(
  shuffled.map(({ name }) => [
    `static/more/${name}`,
    name === 'run' ? { text: 'run', mode: 0o700 } : `content of ${name}\n`.repeat(50),
  ]),
);
const result = await assemble(
  requestFor(folder, { web: { ...statics, ...serviceFiles('web') }, api: serviceFiles('api') }),
);
if (!result.ok) throw new Error(JSON.stringify(result.failures));
const packed = await packDeployment({
  directory: result.value.directory,
  file,
  format: format === 'tgz' ? 'tgz' : 'tar.zst',
});
if (!packed.ok) throw new Error(JSON.stringify(packed.failures));
