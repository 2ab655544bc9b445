import { availableParallelism } from 'node:os';
import type { EngineChoice } from '@svc/builder-container';
import { failed, ok, type Result } from '@svc/contracts';
import type { IsolationLevel } from '@svc/queue';
import { type CacheModes, readCacheModes } from '../cache/modes.ts';
import { readOptions, usage } from '../options.ts';
import { readEngineChoice } from './containers.ts';

export interface BuildOptions {
  /** As given; the folder to start looking from. */
  readonly directory: string;
  readonly output: string | undefined;
  /** Names as given; null for all services. */
  readonly filter: readonly string[] | null;
  readonly concurrency: number;
  /** Run installs even where nothing to install has changed. */
  readonly force: boolean;
  readonly cache: CacheModes;
  readonly envFiles: readonly string[];
  readonly isolation: IsolationLevel;
  readonly containers: EngineChoice;
  readonly json: boolean;
}

const LEVELS: readonly IsolationLevel[] = ['auto', 'copy', 'strict', 'none'];

const TABLE = {
  output: { type: 'string' },
  filter: { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  force: { type: 'boolean' },
  'no-cache': { type: 'boolean' },
  cache: { type: 'string' },
  'env-file': { type: 'string', multiple: true },
  isolation: { type: 'string' },
  engine: { type: 'string' },
  registry: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export function readBuildOptions(args: readonly string[]): Result<BuildOptions> {
  const words = readOptions('build', args, TABLE, 1);
  if (!words.ok) return words;
  const { values, positionals } = words.value;
  const isolation = LEVELS.find(level => level === (values.isolation ?? 'auto'));
  if (!isolation) {
    return failed(
      usage(
        'bad-option-value',
        `--isolation is one of ${LEVELS.join(', ')}, not "${values.isolation}"`,
        'build',
      ),
    );
  }
  const concurrency = values.concurrency === undefined ? availableParallelism() : Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    return failed(
      usage(
        'bad-option-value',
        `--concurrency takes a whole number from 1, not "${values.concurrency}"`,
        'build',
      ),
    );
  }
  const containers = readEngineChoice(values, process.env);
  if (!containers.ok) return containers;
  const cache = readCacheModes(values);
  if (!cache.ok) return cache;
  return ok({
    directory: positionals[0] ?? '.',
    output: values.output,
    filter: values.filter?.flatMap(names => names.split(',')).filter(name => name !== '') ?? null,
    concurrency,
    cache: cache.value,
    force: values.force === true || values['no-cache'] === true,
    envFiles: values['env-file'] ?? [],
    isolation,
    containers: containers.value,
    json: values.json === true,
  });
}
