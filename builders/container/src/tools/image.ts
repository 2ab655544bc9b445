// The step that builds a container's image: reads its input from standard input.
import { runTool } from '@svc/builder-kit';
import type { ImageInput } from '../input.ts';
import { buildContainer } from '../tool/build.ts';

await runTool<ImageInput>((input, context) => buildContainer(input, context));
