import { runTool } from '@svc/builder-kit';
import type { FetchInput } from '../input.ts';
import { fetchPackages } from '../tool/fetch.ts';

await runTool<FetchInput>(fetchPackages);
