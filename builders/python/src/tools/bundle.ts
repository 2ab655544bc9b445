/// <reference path="../python-files.d.ts" />
import { runTool } from '@svc/builder-kit';
import checker from '../../runtime/check_app.py';
import trampoline from '../../runtime/vc__handler__python.py';
import server from '../../runtime/vc_server.py';
import { bundleService } from '../bundle/bundle.ts';
import type { BundleInput } from '../input.ts';

await runTool<BundleInput>((input, context) =>
  bundleService(input, context, { trampoline, server, checker }),
);
