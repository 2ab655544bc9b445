import { buildOptions } from '../host/build-options.ts';
import { loadBuilder } from '../host/contract.ts';
import { describeError } from '../host/errors.ts';
import type { HostAnswer, HostRequest, Stage } from '../host/protocol.ts';
import { writeResult } from '../output/write-result.ts';

/**
 * The process that runs one builder package: it loads it, calls its `build`, and writes what it returns. Alone in a process,
 * the package may print, change the environment, leave things running, exit or crash without harm to svc.
 */
let stage: Stage = 'load';

process.once('message', (request: HostRequest) => {
  run(request).then(
    () => answer({ type: 'built' }, 0),
    error => answer({ type: 'failed', stage, error: describeError(error) }, 1),
  );
});
process.on('uncaughtException', error => answer({ type: 'failed', stage, error: describeError(error) }, 1));

async function run(request: HostRequest): Promise<void> {
  const builder = await loadBuilder(request.installed, request.input.package);
  stage = 'build';
  const result = await builder.build(await buildOptions(request));
  stage = 'write';
  await writeResult(builder.version, result, request);
}

/** Ends the process: what the builder has left running must not keep it. */
function answer(message: HostAnswer, exitCode: number): void {
  process.send?.(message, () => process.exit(exitCode));
}
