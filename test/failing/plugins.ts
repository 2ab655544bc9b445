import type { FailingProject } from './project.ts';

export const pluginProjects: readonly FailingProject[] = [
  {
    name: "a builder of one's own that is not where svc.json says",
    files: {
      'api/index.lua': 'print("hello")\n',
      'svc.json': { services: { api: { builder: './tools/lua-builder' } } },
    },
    expected: {
      exit: 20,
      failures: [
        {
          code: 'builder-not-found',
          cause: /tools\/lua-builder/,
          wayOut: /relative to the folder/,
          file: 'svc.json',
        },
      ],
      otherIsBuilt: false,
    },
  },
  {
    name: "a builder of one's own that throws",
    files: {
      'api/index.lua': 'print("hello")\n',
      'svc.json': { services: { api: { builder: './tools/lua-builder.mjs' } } },
      'tools/lua-builder.mjs': 'throw new Error("lua is not for sale");\n',
    },
    expected: {
      exit: 20,
      failures: [{ code: 'builder-failed', cause: /lua is not for sale/, wayOut: /fault of the builder/ }],
      otherIsBuilt: false,
    },
  },
];
