// The step that builds a container's image: reads its input from standard input.
import { runTool } from '@svc/builder-kit';
import type { ImageInput } from '../input.ts';
import { buildContainer } from '../tool/build.ts';
import { outliveSignals } from '../tool/outlive-signals.ts';

outliveSignals();
await runTool<ImageInput>((input, context) => buildContainer(input, context));
