import type { FailingProject } from './project.ts';
import { lockedRegistry, without } from './surroundings.ts';

const APP = 'from flask import Flask\n\napp = Flask(__name__)\n';
const FLASK = 'flask==3.1.2\n';

export const pythonProjects: readonly FailingProject[] = [
  {
    name: 'Python: no interpreter',
    files: { 'api/main.py': APP, 'api/requirements.txt': FLASK },
    surroundings: () => without(/^(python|pip|uv)/),
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /Python/, wayOut: /Install Python/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: .python-version that nobody has',
    needs: ['python3'],
    files: { 'api/main.py': APP, 'api/requirements.txt': FLASK, 'api/.python-version': '3.99\n' },
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /3\.99/, wayOut: /3\.99/, file: '.python-version' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: requires-python that nobody has',
    needs: ['python3'],
    files: {
      'api/main.py': APP,
      'api/pyproject.toml':
        '[project]\nname = "api"\nversion = "1.0.0"\nrequires-python = ">=3.98"\ndependencies = ["flask==3.1.2"]\n',
    },
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /3\.98/, wayOut: /3\.98/, file: 'api/pyproject.toml' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: a mistake in the syntax',
    needs: ['python3'],
    files: {
      'api/main.py': `${APP}\n\ndef broken(:\n    pass\n`,
      'api/requirements.txt': FLASK,
    },
    service: { entrypoint: 'main:app' },
    expected: {
      exit: 30,
      failures: [{ code: 'bundle-failed', cause: /syntax/, file: 'api/main.py:6' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: the module has no such app',
    needs: ['python3'],
    files: { 'api/main.py': APP.replace('app =', 'shop ='), 'api/requirements.txt': FLASK },
    service: { entrypoint: 'main:app' },
    expected: {
      exit: 20,
      failures: [
        {
          code: 'entrypoint-invalid',
          cause: /api\/main\.py has no variable "app"/,
          wayOut: /main:shop/,
          file: 'vercel.json:8',
        },
      ],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Python: an import that is no dependency',
    needs: ['python3'],
    files: { 'api/main.py': `import httpx\n${APP}`, 'api/requirements.txt': FLASK },
    service: { entrypoint: 'main:app' },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'bundle-failed',
          cause: /"httpx" is not installed/,
          wayOut: /dependencies/,
          file: 'api/main.py:1',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: two apps, and nothing says which',
    files: { 'api/shop.py': APP, 'api/office.py': APP, 'api/requirements.txt': FLASK },
    expected: {
      exit: 20,
      failures: [{ code: 'entrypoint-invalid', cause: /office:app, shop:app/, wayOut: /"entrypoint"/ }],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Python: a dependency that does not exist',
    needs: ['python3'],
    files: {
      'api/main.py': APP,
      'api/requirements.txt': `${FLASK}no-such-package-of-svc-tests==1.0.0\n`,
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'install-failed',
          cause: /no-such-package-of-svc-tests/,
          wayOut: /name and the version/,
          file: 'api/requirements.txt:2',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Python: a dependency that uv.lock lacks',
    needs: ['python3'],
    files: {
      'api/main.py': APP,
      'api/pyproject.toml':
        '[project]\nname = "api"\nversion = "1.0.0"\nrequires-python = ">=3.9"\ndependencies = ["flask==3.1.2"]\n',
      'api/uv.lock':
        'version = 1\nrequires-python = ">=3.9"\n\n[[package]]\nname = "api"\nversion = "1.0.0"\nsource = { virtual = "." }\n',
    },
    expected: {
      exit: 30,
      failures: [{ code: 'install-failed', cause: /flask/, wayOut: /uv lock/, file: 'api/pyproject.toml:5' }],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Python: a private index without a password',
    needs: ['python3'],
    files: { 'api/main.py': APP, 'api/requirements.txt': 'acme-internal==1.0.0\n' },
    surroundings: () =>
      lockedRegistry(url => ({
        PIP_INDEX_URL: `${url}simple/`,
        UV_INDEX_URL: `${url}simple/`,
        PIP_RETRIES: '0',
      })),
    expected: {
      exit: 30,
      failures: [
        {
          code: 'install-failed',
          cause: /acme-internal/,
          wayOut: /credentials, in PIP_INDEX_URL/,
        },
      ],
      otherIsBuilt: true,
    },
  },
];
