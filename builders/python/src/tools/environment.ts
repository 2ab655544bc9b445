import { runTool } from '@svc/builder-kit';
import server from '../../runtime/vc_server.py';
import { makeEnvironment } from '../environment/environment.ts';
import type { InstallInput } from '../input.ts';

await runTool<InstallInput>((input, context) => makeEnvironment(input, context, server));
