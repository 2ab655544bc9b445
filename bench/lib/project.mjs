import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Service names may hold no digits: 0 -> a, 25 -> z, 26 -> aa. */
export function serviceName(index) {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? serviceName(rest - 1) : '') + String.fromCharCode(97 + (index % 26));
}

/**
 * A workspace of `count` services without dependencies. Each service's build burns `seconds` of CPU time (its own, not wall
 * time, so that peers with more parallelism are not charged for waiting) and writes 20 files.
 */
export async function generateProject(directory, { count, seconds, outside = 0 }) {
  const names = Array.from({ length: count }, (_, index) => serviceName(index));
  const services = Object.fromEntries(
    names.map(name => [
      name,
      { root: `apps/${name}`, buildCommand: 'node build.mjs', outputDirectory: 'dist' },
    ]),
  );
  const rewrites = names.map(name => ({ source: `/${name}/:path*`, destination: { service: name } }));
  await writeJson(join(directory, 'vercel.json'), { services, rewrites });
  await writeJson(join(directory, 'package.json'), {
    name: 'bench',
    private: true,
    packageManager: 'npm@11.0.0',
    workspaces: ['apps/*'],
  });
  await writeJson(join(directory, 'package-lock.json'), lockfile(names));
  await writeJson(join(directory, 'turbo.json'), { tasks: { build: { outputs: ['dist/**'] } } });
  await writeText(join(directory, '.gitignore'), 'node_modules/\ndist/\n.turbo/\n.svc/\n.vercel/\n');
  await writeJson(join(directory, '.vercel', 'project.json'), {
    projectId: 'prj_x',
    orgId: 'team_x',
    settings: { framework: 'services' },
  });
  for (const name of names) {
    const folder = join(directory, 'apps', name);
    await writeJson(join(folder, 'package.json'), {
      name,
      version: '1.0.0',
      private: true,
      scripts: { build: 'node build.mjs' },
    });
    await writeText(join(folder, 'build.mjs'), buildScript(seconds));
    await writeText(join(folder, 'index.html'), `<h1>${name}</h1>\n`);
  }
  for (let at = 0; at < outside; at += 1000) {
    const folder = join(directory, 'shared', `part-${at / 1000}`);
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Array.from({ length: Math.min(1000, outside - at) }, (_, index) =>
        writeFile(join(folder, `${index}.txt`), `${at + index}\n`),
      ),
    );
  }
}

function buildScript(seconds) {
  return `import { mkdirSync, writeFileSync } from 'node:fs';
let burned = 0;
for (let n = 0; process.cpuUsage().user + process.cpuUsage().system < ${seconds * 1e6}; n++) burned += Math.sqrt(n);
mkdirSync('dist', { recursive: true });
for (let n = 0; n < 20; n++) writeFileSync(\`dist/\${n}.html\`, \`<p>\${n}</p>\`);
console.log('built', burned > 0 ? 'after some work' : 'at once');
`;
}

function lockfile(names) {
  const packages = { '': { name: 'bench', workspaces: ['apps/*'] } };
  for (const name of names) {
    packages[`apps/${name}`] = { version: '1.0.0' };
    packages[`node_modules/${name}`] = { resolved: `apps/${name}`, link: true };
  }
  return { name: 'bench', lockfileVersion: 3, requires: true, packages };
}

async function writeJson(path, value) {
  await writeText(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function writeText(path, text) {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
}
