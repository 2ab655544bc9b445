// The step that builds a container's image for `svc dev`: reads its input from standard input.
import { runTool } from '@svc/builder-kit';
import type { ImageInput } from '../input.ts';
import { prepareContainer } from '../tool/develop.ts';
import { outliveSignals } from '../tool/outlive-signals.ts';

outliveSignals();
await runTool<ImageInput>((input, context) => prepareContainer(input, context));
