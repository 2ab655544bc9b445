import { runTool } from '@svc/builder-kit';
import type { DownloadInput } from '../input.ts';
import { downloadModules } from '../tool/download.ts';

await runTool<DownloadInput>(downloadModules);
