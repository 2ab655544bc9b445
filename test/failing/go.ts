import type { FailingProject } from './project.ts';
import { without } from './surroundings.ts';

const MODULE = 'module example.com/api\n\ngo 1.21\n';
const MAIN =
  'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\nfunc main() { http.ListenAndServe(":"+os.Getenv("PORT"), nil) }\n';

export const goProjects: readonly FailingProject[] = [
  {
    name: 'Go: not installed',
    files: { 'api/go.mod': MODULE, 'api/main.go': MAIN },
    surroundings: () => without(/^go(\d|$)/),
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /Go/, wayOut: /go\.dev|[Ii]nstall/ }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Go: no go.mod',
    files: { 'api/main.go': MAIN },
    service: { runtime: 'go' },
    expected: {
      exit: 20,
      failures: [{ code: 'entrypoint-not-found', cause: /go\.mod/, wayOut: /go mod init/ }],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Go: does not compile',
    needs: ['go'],
    files: { 'api/go.mod': MODULE, 'api/main.go': MAIN.replace('"PORT"', 'port') },
    expected: {
      exit: 30,
      failures: [{ code: 'build-failed', cause: /undefined: port/, file: 'api/main.go:8' }],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Go: an import that go.mod lacks',
    needs: ['go'],
    files: {
      'api/go.mod': MODULE,
      'api/main.go': MAIN.replace('"os"', '"os"\n\t_ "github.com/gin-gonic/gin"'),
    },
    expected: {
      exit: 30,
      failures: [
        { code: 'build-failed', cause: /gin-gonic/, wayOut: /go (get|mod tidy)/, file: 'api/main.go:6' },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Go: a module that does not exist',
    needs: ['go'],
    files: {
      'api/go.mod': `${MODULE}\nrequire example.invalid/nothing v1.0.0\n`,
      'api/main.go': MAIN.replace('"os"', '"os"\n\t_ "example.invalid/nothing"'),
    },
    expected: {
      exit: 30,
      failures: [
        {
          code: 'install-failed',
          cause: /example\.invalid\/nothing/,
          wayOut: /GOPRIVATE/,
          file: 'api/go.mod:5',
        },
      ],
      otherIsBuilt: true,
    },
  },
  {
    name: 'Go: two programs, and nothing says which',
    files: {
      'api/go.mod': MODULE,
      'api/tools/first/main.go': MAIN,
      'api/tools/second/main.go': MAIN,
    },
    service: { runtime: 'go' },
    expected: {
      exit: 20,
      failures: [{ code: 'entrypoint-invalid', cause: /first.*second/s, wayOut: /"entrypoint"/ }],
      otherIsBuilt: false,
    },
  },
  {
    name: 'Go: older than go.mod asks for',
    needs: ['go'],
    files: { 'api/go.mod': MODULE.replace('1.21', '1.99'), 'api/main.go': MAIN },
    surroundings: async () => ({ env: { GOTOOLCHAIN: 'local' } }),
    expected: {
      exit: 20,
      failures: [{ code: 'tool-missing', cause: /1\.99/, wayOut: /1\.99/, file: 'api/go.mod' }],
      otherIsBuilt: true,
    },
  },
];
