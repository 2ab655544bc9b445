import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { launchProgram, workshopOf } from '@svc/builder-kit/test-support';
import { rustBuilder } from '../../src/index.ts';

/** On a machine without Rust the tests that compile are skipped, but never where CI is to vouch for them. */
export const WITHOUT_RUST = spawnSync('cargo', ['--version']).status !== 0 && (process.env.CI ?? '') === '';

/** Temporary projects and running functions, all gone when their test is over. */
export function workshop() {
  return workshopOf(
    {
      location: fileURLToPath(new URL('../..', import.meta.url)),
      runtime: 'rust',
      tools: ['fetch', 'build'],
      shipped: '.rs',
      generated: /^(?:\.svc-rust|target)\//,
      positions: { root: { file: 'vercel.json', line: 2, column: 5 } },
      builder: rustBuilder,
      functionName: ({ data }) => (data.isRuntimeCrate ? 'index' : 'rust'),
    },
    launchProgram,
  );
}
