import type { Notice } from '@svc/contracts';
import { DEFAULT_NODE_MAJOR, nodeMajor } from './node-version.ts';

export function unusableEngines(range: string | undefined): Notice[] {
  if (nodeMajor(range) !== undefined) return [];
  return [
    {
      code: 'node-version-unsupported',
      message: `"engines": { "node": "${range}" } in package.json admits none of Node 20, 22 and 24; the function will run on ${DEFAULT_NODE_MAJOR}`,
      help: `Widen the range, for example to ">=${DEFAULT_NODE_MAJOR}".`,
    },
  ];
}
