import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Files, writeFiles } from '@svc/builder-kit/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkApp } from '../src/bundle/check-app.ts';

const program = readFileSync(new URL('../runtime/check_app.py', import.meta.url), 'utf8');

describe('reading an app without running it', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'svc-check-')));
    return () => rmSync(folder, { recursive: true });
  });
  async function failures(files: Files) {
    writeFiles(folder, files);
    const found = await checkApp(program, {
      folder,
      file: 'main.py',
      paths: ['.', '_vendor', '_svc'],
      interpreter: 'python3',
      root: 'apps/api',
    });
    return found.map(
      ({ message, position }) => `${position?.file}:${position?.line}:${position?.column} ${message}`,
    );
  }

  it('finds nothing in an app whose modules are there', async () => {
    const files = {
      'main.py':
        'import json, os.path\nimport shop.prices\nfrom shop import stock\nfrom . import main\nimport flask\nimport google.cloud\n',
      'shop/__init__.py': '',
      'shop/prices.py': 'from .stock import left\nfrom .. import nothing\n',
      'shop/stock.py': 'import importlib.metadata\nleft = 1\n',
      '_vendor/flask/__init__.py': 'import what_only_it_knows\n',
      '_vendor/google/cloud/storage.py': '',
    };
    expect(await failures(files)).toEqual([]);
  });

  it('names packages that are not there, wherever the app imports them', async () => {
    const files = {
      'main.py': 'from shop import stock\n\n\nimport os, httpx.client\n',
      'shop/stock.py': '"""Stock."""\nfrom yaml import safe_load\n',
    };
    expect(await failures(files)).toEqual([
      'apps/api/main.py:4:12 the module "httpx" is not installed',
      'apps/api/shop/stock.py:2:6 the module "yaml" is not installed',
    ]);
  });

  it('leaves imports alone that may be meant to fail, or never to run', async () => {
    const main = [
      'import sys',
      'try:\n    import ujson as json\nexcept ImportError:\n    import json',
      'if sys.platform == "win32":\n    import winreg2',
      'def late():\n    import devtools',
    ];
    expect(await failures({ 'main.py': `${main.join('\n')}\n` })).toEqual([]);
  });

  it('trusts an app that changes where imports are looked for', async () => {
    const main = 'import sys\nsys.path.insert(0, "libraries")\nimport hidden\n';
    expect(await failures({ 'main.py': main, 'libraries/hidden.py': '' })).toEqual([]);
  });

  it('points at mistakes in the syntax of modules that are imported, and of no others', async () => {
    const files = {
      'main.py': 'import shop\nimport missing\n',
      'shop.py': 'def total(:\n    pass\n',
      'template.py': 'class {{ name }}:\n',
    };
    expect(await failures(files)).toEqual([
      expect.stringMatching(/^apps\/api\/shop\.py:1:11 a mistake in the syntax: /),
      'apps/api/main.py:2:8 the module "missing" is not installed',
    ]);
  });
});
