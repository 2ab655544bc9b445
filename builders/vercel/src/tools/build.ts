import { fileURLToPath } from 'node:url';
import { runTool } from '@svc/builder-kit';
import type { BuildInput } from '../input.ts';
import { buildWithPackage } from '../run/build.ts';

/** The host's program lies beside this one where both are bundled. */
const host = fileURLToPath(new URL('vercel-host.mjs', import.meta.url));

await runTool<BuildInput>((input, context) => buildWithPackage(input, context, { host }));
