/// <reference path="../rust-files.d.ts" />
import { runTool } from '@svc/builder-kit';
import bridge from '../../runtime/bridge.rs';
import type { BuildInput } from '../input.ts';
import { buildService } from '../tool/build.ts';

await runTool<BuildInput>((input, context) => buildService(input, context, bridge));
