import { runTool } from '@svc/builder-kit';
import type { InstallInput } from '../input.ts';
import { installDependencies } from '../install/install.ts';

await runTool<InstallInput>(installDependencies);
