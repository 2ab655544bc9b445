// Type declarations of what `svc` exports for authors of builders, made of the sources one file at a time (no type checker
// runs), with imports between our packages turned into relative ones.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { isolatedDeclarationSync } from 'oxc-transform';

/**
 * Writes `<to>/<package>/<file>.d.ts` for `packages/<package>/src/<file>.ts`: these files and everything that
 * they export or import.
 *
 * @param {string} root the repository
 * @param {string} to absolute path of a folder
 * @param {readonly string[]} files such as `builder-kit/index.ts`
 */
export async function writeDeclarations(root, to, files) {
  const done = new Set();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const [name, ...rest] = file.split('/');
    const source = join(root, 'packages', name, 'src', ...rest);
    const { code, errors } = isolatedDeclarationSync(source, await readFile(source, 'utf8'));
    if (errors.length > 0) throw new Error(`${source}: ${errors.map(({ message }) => message).join('; ')}`);
    const text = code.replace(/(from |import\()(['"])([^'"]+)\2/g, (whole, before, quote, specifier) => {
      const target = specifier.startsWith('@svc/')
        ? `${specifier.slice('@svc/'.length)}/index.ts`
        : specifier.startsWith('.')
          ? posix.join(posix.dirname(file), specifier)
          : undefined;
      if (target === undefined) return whole;
      pending.push(target);
      const path = posix.relative(posix.dirname(file), target).replace(/\.ts$/, '.js');
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    });
    const written = join(to, file.replace(/\.ts$/, '.d.ts'));
    await mkdir(dirname(written), { recursive: true });
    await writeFile(written, text);
  }
}
