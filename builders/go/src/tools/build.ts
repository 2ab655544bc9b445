/// <reference path="../go-files.d.ts" />
import { runTool } from '@svc/builder-kit';
import bridge from '../../runtime/bridge.go';
import type { BuildInput } from '../input.ts';
import { buildService } from '../tool/build.ts';

await runTool<BuildInput>((input, context) => buildService(input, context, bridge));
