import type { StepDraft } from '@svc/builder-kit';
import { type BuildInput, OUTPUT_FILE, WORK_FOLDER } from '../input.ts';

/**
 * The service's own build command. What it makes is to hold no paths of this machine, so it gets the same wrapper around
 * rustc; programs that the last build has left are removed, which costs cargo nothing to put right.
 */
export function ownBuild(command: string, { names, workspace, strips }: BuildInput): StepDraft {
  const left = names.flatMap(name => [
    `${workspace}/target/release/${name}`,
    `${workspace}/target/*/release/${name}`,
  ]);
  const lines = [
    `mkdir -p ${WORK_FOLDER} && rm -f ${[OUTPUT_FILE, ...left].join(' ')}`,
    `export VERCEL_OUTPUT_FILE="$PWD/${OUTPUT_FILE}" RUSTC_WRAPPER="$PWD/${WORK_FOLDER}/rustc"`,
    ...(strips ? [`export CARGO_PROFILE_RELEASE_STRIP="\${CARGO_PROFILE_RELEASE_STRIP:-symbols}"`] : []),
    // The caller's own would be a folder that svc knows nothing of, and that others write to.
    'unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR',
    command,
  ];
  return { kind: 'build', label: command, command: { type: 'shell', line: lines.join('\n') } };
}
