import { runTool } from '@svc/builder-kit';
import type { InstallInput } from '../input.ts';
import { installBuilder } from '../install/install.ts';

await runTool<InstallInput>(installBuilder);
