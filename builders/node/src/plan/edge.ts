import { matchesFunction } from '@svc/builder-kit';
import type { Failure, ServiceConfig } from '@svc/contracts';

const HELP =
  'A service runs on Node. Take the setting out: web-standard handlers (fetch, GET, POST, …) work on Node as they are.';

/** A key of `functions` that asks for the edge runtime. */
export function edgeFunction(service: ServiceConfig, entrypoint: string | null): Failure[] {
  return Object.entries(service.functions)
    .filter(([, settings]) => /^(?:experimental-)?edge$/.test(String(settings.runtime)))
    .filter(([pattern]) => entrypoint === null || matchesFunction(pattern, entrypoint))
    .map(([pattern]) => {
      const position =
        service.positions[`functions.${pattern}.runtime`] ?? service.positions[`functions.${pattern}`];
      return {
        code: 'edge-unsupported',
        message: `functions["${pattern}"] asks for the edge runtime, which services do not have`,
        help: HELP,
        ...(position ? { position } : {}),
      } as const;
    });
}

/**
 * A source file that asks for the edge runtime itself.
 *
 * @param file its path relative to the project.
 */
export function edgeSource(file: string, source: string): Failure {
  const lines = source.split('\n');
  const index = lines.findIndex(line => /\bedge['"`]/.test(line));
  const lineText = lines[index] ?? '';
  return {
    code: 'edge-unsupported',
    message: `${file} asks for the edge runtime, which services do not have`,
    help: HELP,
    position: {
      file,
      line: index + 1,
      column: Math.max(lineText.search(/['"`](?:experimental-)?edge/), 0) + 1,
      lineText,
    },
  };
}
