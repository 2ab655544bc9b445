import { findBuiltProgram } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';
import { type BuildInput, OUTPUT_FILE } from '../input.ts';

/**
 * The program that the service's own build command has made: what it wrote to `$VERCEL_OUTPUT_FILE`, else the only new
 * executable in a usual place. The value is an absolute path.
 */
export function builtProgram({ known }: BuildInput, root: string): Promise<Result<string>> {
  return findBuiltProgram(root, {
    outputFile: OUTPUT_FILE,
    known,
    searched: 'the root, bin, build, dist, out, output',
    example: 'go build -o "$VERCEL_OUTPUT_FILE" ./cmd/api',
  });
}
