// The step that builds a container's image: reads its input from standard input.
import { runTool } from '@svc/builder-kit';
import type { ImageInput } from '../input.ts';
import { buildContainer } from '../tool/build.ts';

// Whoever ends a step sends the signal to all of it. The engine's client needs a moment then to take back what it has begun
// (buildah its working containers), and where this process is gone, everything below it is killed.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

await runTool<ImageInput>((input, context) => buildContainer(input, context));
