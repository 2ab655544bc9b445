import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '@svc/builder-kit';
import { type BuildInput, buildWithPackage } from '@svc/builder-vercel/tool';
import { explainNextErrors } from '../explain.ts';
import { forgetPlace } from '../forget-place.ts';

/** The adapter's host program lies beside this one where both are bundled. */
const host = fileURLToPath(new URL('vercel-host.mjs', import.meta.url));

await runTool<BuildInput>(async (input, context) => {
  const built = await buildWithPackage(input, context, {
    host,
    explain: lines => explainNextErrors(lines, input.root),
  });
  const functions = join(context.output, 'functions');
  if (built.ok && existsSync(functions)) await forgetPlace(functions, context.boundary);
  return built;
});
