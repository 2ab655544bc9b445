#!/usr/bin/env node
// A build with nothing to do ends here; everything else is the program proper.
const [command, ...args] = process.argv.slice(2);
const code =
  command === 'build' && !args.includes('--help') && !args.includes('-h')
    ? require('../dist/warm.cjs').buildIfUnchanged(args, () => require('../dist/restore.cjs'))
    : undefined;
if (code === undefined) import('../dist/svc.mjs');
else process.exitCode = code;
