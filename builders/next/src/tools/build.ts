import { fileURLToPath } from 'node:url';
import { runTool } from '@svc/builder-kit';
import { type BuildInput, buildWithPackage } from '@svc/builder-vercel/tool';
import { explainNextErrors } from '../explain.ts';

/** The adapter's host program lies beside this one where both are bundled. */
const host = fileURLToPath(new URL('vercel-host.mjs', import.meta.url));

await runTool<BuildInput>((input, context) =>
  buildWithPackage(input, context, { host, explain: lines => explainNextErrors(lines, input.root) }),
);
