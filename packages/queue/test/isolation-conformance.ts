import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IsolationLevel } from '../src/index.ts';
import { TestProject } from './support/project.ts';

/** What an isolation is known not to promise (see `Isolation.unpromised`). */
export interface Exceptions {
  /** Services of one workspace see each other. */
  readonly siblingsOfWorkspace?: true;
  /** Everything is in place: nothing is hidden, and the checkout is written. */
  readonly inPlace?: true;
}

/** What every isolation promises to steps, tried with real commands. */
export function isolationConformance(level: IsolationLevel, exceptions: Exceptions = {}): void {
  describe(`isolation ${level}`, () => {
    const run = (project: TestProject, more: Parameters<TestProject['run']>[0] = {}) =>
      project.run({ isolation: level, ...more });
    // Not promised in place, so not tried there.
    const isolated: (name: string, body: () => Promise<void>) => void = exceptions.inPlace ? () => {} : it;

    it('gives a step exactly the admitted environment', async () => {
      const project = await TestProject.make(
        { web: { root: 'web', build: 'env', env: { names: ['WANTED'], prefixes: ['VITE_'] } } },
        { 'web/a': '' },
      );
      const caller = {
        WANTED: 'yes',
        VITE_TITLE: 'shop',
        SECRET_TOKEN: 'no',
        HTTPS_PROXY: 'http://127.0.0.1:1',
      };
      const { lines } = await run(project, { caller, declared: { web: { FROM_FILE: 'file' } } });
      const env = Object.fromEntries(lines('web:build').map(line => line.split(/=(.*)/s).slice(0, 2)));
      expect(env).toMatchObject({
        WANTED: 'yes',
        VITE_TITLE: 'shop',
        FROM_FILE: 'file',
        HTTPS_PROXY: 'http://127.0.0.1:1',
        TZ: 'UTC',
        VERCEL: '1',
      });
      expect(env).not.toHaveProperty('SECRET_TOKEN');
    });

    it('shows a step its own root and what no service owns', async () => {
      const files = {
        'web/src/main.txt': 'main',
        'shared/lib.txt': 'lib',
        'top.txt': 'top',
        'api/secret.txt': 'secret',
      };
      const project = await TestProject.make(
        {
          web: { root: 'web', build: 'cat src/main.txt ../shared/lib.txt ../top.txt' },
          api: { root: 'api' },
        },
        files,
      );
      const { lines, result } = await run(project);
      expect(result.services[0]?.state).toBe('built');
      expect(lines('web:build')).toEqual(['mainlibtop']);
    });

    isolated('hides unrelated services, also when their folders contain one another', async () => {
      const services = {
        site: { root: '.', build: 'find . -name "*.txt" | sort' },
        api: { root: 'server', build: 'find .. -name "*.txt" | sort' },
        docs: { root: 'server/docs', build: 'find ../.. -name "*.txt" | sort' },
      };
      const files = { 'page.txt': '', 'server/app.txt': '', 'server/docs/doc.txt': '' };
      const project = await TestProject.make(services, files);
      const { lines } = await run(project);
      expect(lines('site:build')).toEqual(['./page.txt', './server/app.txt', './server/docs/doc.txt']);
      expect(lines('api:build')).toEqual(['../server/app.txt', '../server/docs/doc.txt']);
      expect(lines('docs:build')).toEqual(['../../server/docs/doc.txt']);
    });

    isolated('shows single inputs that lie in a hidden folder', async () => {
      const services = {
        site: { root: '.' },
        api: { root: 'server', build: 'cat ../package.json; ls ..', inputs: { files: ['package.json'] } },
      };
      const project = await TestProject.make(services, {
        'package.json': '{}',
        'page.txt': '',
        'server/app.txt': '',
      });
      const { lines } = await run(project);
      expect(lines('api:build')).toEqual(['{}package.json', 'server']);
    });

    isolated('hides what git ignores, but for declared env files', async () => {
      const services = {
        web: {
          root: 'web',
          build: 'find . -type f | sort; ls ../lib',
          inputs: { envFiles: ['web/.env.local'] },
        },
      };
      const files = {
        '.gitignore': 'node_modules/\n.env*\n*.log\n',
        'web/index.txt': '',
        'web/.env.local': 'A=1',
        'web/.env.other': 'B=1',
        'web/debug.log': '',
        'web/node_modules/x/index.js': '',
        'lib/a.txt': '',
        'lib/node_modules/y/index.js': '',
      };
      const project = await TestProject.make(services, files);
      project.commit();
      const { lines } = await run(project);
      expect(lines('web:build')).toEqual(['./.env.local', './index.txt', 'a.txt']);
    });

    isolated('leaves the checkout as it is, whatever steps write, delete and link', async () => {
      const build =
        'rm src.txt; echo changed > ../shared/lib.txt; echo new > ../new.txt; mkdir dist; echo built > dist/out.txt; rm -r ../shared/gone';
      const project = await TestProject.make(
        { web: { root: 'web', build } },
        { 'web/src.txt': 'src', 'shared/lib.txt': 'lib', 'shared/gone/a': '' },
      );
      const before = tree(project.directory);
      const { result } = await run(project);
      expect(result.services[0]).toMatchObject({ state: 'built' });
      expect(tree(project.directory)).toEqual(before);
      expect(await readFile(join(project.directory, 'shared/lib.txt'), 'utf8')).toBe('lib');
    });

    isolated('keeps what two services write apart', async () => {
      const build = (name: string) =>
        `echo ${name} > ../shared/who.txt; for i in 1 2 3 4 5 6 7 8 9; do cat ../shared/who.txt; done`;
      const services = { a: { root: 'a', build: build('a') }, b: { root: 'b', build: build('b') } };
      const project = await TestProject.make(services, { 'a/x': '', 'b/x': '', 'shared/who.txt': '?' });
      const { lines } = await run(project);
      expect(new Set(lines('a:build'))).toEqual(new Set(['a']));
      expect(new Set(lines('b:build'))).toEqual(new Set(['b']));
    });

    isolated('starts every build without what the last one left, but for its caches', async () => {
      const build =
        'ls; cat cache/n 2>/dev/null; mkdir -p dist cache; echo 1 > dist/old; echo kept > cache/n; echo x > generated.txt';
      const project = await TestProject.make(
        { web: { root: 'web', build, caches: ['web/cache'] } },
        { 'web/a.txt': '' },
      );
      expect((await run(project)).lines('web:build')).toEqual(['a.txt']);
      expect((await run(project)).lines('web:build')).toEqual(['a.txt', 'cache', 'kept']);
    });

    isolated('sees an edit, a new file and a deletion in the next build', async () => {
      const project = await TestProject.make(
        { web: { root: 'web', build: 'cat *.txt; echo built >> a.txt' } },
        { 'web/a.txt': 'one\n', 'web/b.txt': 'two\n' },
      );
      expect((await run(project)).lines('web:build')).toEqual(['one', 'two']);
      await project.write('web/a.txt', 'ONE\n');
      await project.write('web/c.txt', 'three\n');
      execFileSync('rm', [join(project.directory, 'web/b.txt')]);
      expect((await run(project)).lines('web:build')).toEqual(['ONE', 'three']);
    });

    it('runs one install for a workspace, and its builds stand on it', async () => {
      const install =
        'mkdir -p node_modules/dep a/node_modules; echo dep > node_modules/dep/index.txt; echo own > a/node_modules/own.txt; echo ran';
      const build = 'cat ../node_modules/dep/index.txt; cat node_modules/own.txt 2>/dev/null; exit 0';
      const services = {
        a: { root: 'a', install, build, workspace: '.' },
        b: { root: 'b', install, build, workspace: '.' },
      };
      const project = await TestProject.make(services, {
        'package.json': '{}',
        'a/package.json': '{}',
        'b/package.json': '{}',
      });
      const { lines, result } = await run(project);
      expect(result.services.map(({ state }) => state)).toEqual(['built', 'built']);
      expect(lines('install:.')).toEqual(['ran']);
      expect(lines('a:build')).toEqual(['dep', 'own']);
      expect(lines('b:build')).toEqual(['dep']);
    });

    isolated('installs again only when manifests change, and then from nothing', async () => {
      const install =
        'ls node_modules 2>/dev/null; mkdir -p node_modules; cp package.json node_modules/$(cat name).txt; echo installed';
      const services = { a: { root: 'a', install, build: 'ls node_modules' } };
      const project = await TestProject.make(services, {
        'a/package.json': '{}',
        'a/name': 'one',
        'a/src.txt': '1',
      });
      expect((await run(project)).lines('a:install')).toEqual(['installed']);
      await project.write('a/src.txt', '2');
      const second = await run(project);
      expect(second.lines('a:install')).toEqual([]);
      expect(second.lines('a:build')).toEqual(['one.txt']);
      await project.write('a/package.json', '{ }');
      await project.write('a/name', 'two');
      const third = await run(project);
      expect(third.lines('a:install')).toEqual(['installed']);
      expect(third.lines('a:build')).toEqual(['two.txt']);
    });

    isolated('shows what a step left, to the one who finishes the service', async () => {
      const build =
        'mkdir -p dist/sub public; echo a > dist/a.txt; ln -s a.txt dist/link; echo b > dist/sub/b.txt; echo new > public/new.txt; rm public/gone.txt';
      const files = { 'web/public/old.txt': 'old', 'web/public/gone.txt': 'gone', 'web/src.txt': '' };
      const project = await TestProject.make({ web: { root: 'web', build } }, files);
      const seen: Record<string, unknown> = {};
      await run(project, {
        async finish(_service, view, output) {
          seen.dist = (await view.list('web/dist'))?.map(({ name, kind }) => `${kind} ${name}`);
          seen.root = (await view.list('web'))?.map(({ name }) => name);
          seen.absent = await view.list('web/none');
          seen.file = (await view.stat('web/public/gone.txt')) ?? 'gone';
          await view.copy('web/dist', join(output, 'dist'));
          await view.copy('web/public', join(output, 'public'), path => !path.endsWith('old.txt'));
          seen.copied = execFileSync('find', ['.', '-not', '-type', 'd', '-printf', '%P:%l\n'], {
            cwd: output,
          })
            .toString()
            .trim()
            .split('\n')
            .sort();
          return { ok: true, value: undefined };
        },
      });
      expect(seen).toEqual({
        dist: ['file a.txt', 'link link', 'directory sub'],
        root: ['dist', 'public', 'src.txt'],
        absent: undefined,
        file: 'gone',
        copied: ['dist/a.txt:', 'dist/link:a.txt', 'dist/sub/b.txt:', 'public/new.txt:'],
      });
    });

    isolated('shows a service at the root of the project, with and without steps', async () => {
      const files = { 'index.html': 'home', 'img/a.svg': 'a', 'gone.txt': 'gone', 'api/secret.txt': 's' };
      for (const build of [undefined, 'rm gone.txt; echo made > img/b.svg; mkdir out; echo o > out/o.txt']) {
        const services = { site: { root: '.', ...(build && { build }) }, api: { root: 'api' } };
        const project = await TestProject.make(services, files);
        const copied: string[] = [];
        await run(project, {
          async finish(service, view, output) {
            if (service.name !== 'site') return { ok: true, value: undefined };
            await view.copy('.', join(output, 'all'), path => !path.startsWith('api'));
            const found = execFileSync('find', ['.', '-type', 'f'], { cwd: join(output, 'all') })
              .toString()
              .trim();
            copied.push(...found.split('\n').sort());
            return { ok: true, value: undefined };
          },
        });
        expect(copied).toEqual(
          build
            ? ['./img/a.svg', './img/b.svg', './index.html', './out/o.txt']
            : ['./gone.txt', './img/a.svg', './index.html'],
        );
      }
    });

    it('has a private home and temp folder, empty at the start', async () => {
      const build = 'ls -A "$HOME" "$TMPDIR" | grep -v : ; touch "$HOME/h" "$TMPDIR/t"; echo done';
      const services = { a: { root: 'a', build }, b: { root: 'b', build } };
      const project = await TestProject.make(services, { 'a/x': '', 'b/x': '' });
      const { lines } = await run(project, { concurrency: 1 });
      expect([lines('a:build').filter(Boolean), lines('b:build').filter(Boolean)]).toEqual([
        ['done'],
        ['done'],
      ]);
    });
  });

  if (!exceptions.siblingsOfWorkspace && !exceptions.inPlace) {
    describe(`isolation ${level}, within one workspace`, () => {
      it('hides services from each other', async () => {
        const common = {
          install: 'mkdir -p a/node_modules b/node_modules; echo b > b/node_modules/b.txt; true',
          workspace: '.',
        };
        const services = {
          a: { root: 'a', build: 'find .. -name "*.txt" | sort', ...common },
          b: { root: 'b', build: 'find .. -name "*.txt" | sort', ...common },
        };
        const project = await TestProject.make(services, {
          'a/a.txt': '',
          'b/b.txt': '',
          'package.json': '{}',
        });
        const { lines } = await project.run({ isolation: level });
        expect(lines('a:build')).toEqual(['../a/a.txt']);
        expect(lines('b:build')).toEqual(['../b/b.txt', '../b/node_modules/b.txt']);
      });

      it('shows no process and no file in /tmp of another service', async () => {
        const build =
          'echo x > /tmp/svc-seen-$$; ls -A /tmp | grep svc-seen; cat /proc/[0-9]*/cmdline | tr "\\0" " "; echo';
        const services = { a: { root: 'a', build }, b: { root: 'b', build } };
        const project = await TestProject.make(services, { 'a/x': '', 'b/x': '' });
        const { lines } = await project.run({ isolation: level });
        for (const step of ['a:build', 'b:build']) {
          expect(lines(step).filter(line => line.startsWith('svc-seen'))).toHaveLength(1);
          // This very test runs in a process that could be seen.
          expect(lines(step).join(' ')).toContain('/proc/[0-9]*/cmdline');
          expect(lines(step).join(' ')).not.toContain('vitest');
        }
      });
    });
  }
}

function tree(directory: string): string {
  const script =
    'find . -path ./.svc -prune -o -printf "%y %m %p %l\\n" | sort; find . -path ./.svc -prune -o -type f -exec sha256sum {} + | sort';
  return execFileSync('/bin/sh', ['-c', script], { cwd: directory }).toString();
}
