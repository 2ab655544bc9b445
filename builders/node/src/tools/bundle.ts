import { runTool } from '@svc/builder-kit';
import { bundleService } from '../bundle/bundle.ts';
import type { BundleInput } from '../input.ts';

await runTool<BundleInput>(bundleService);
