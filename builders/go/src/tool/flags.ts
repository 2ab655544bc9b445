import { architectureOf } from '@svc/builder-kit';
import type { BuildInput } from '../input.ts';

/** No symbol tables, no paths and no state of this machine: the same program from the same sources, wherever it is built. */
export const FLAGS: readonly string[] = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid='];

/** Static, unless the caller's `CGO_ENABLED` says otherwise; for another processor where `functions` asks for it. */
export function targetVariables({ settings }: BuildInput): Record<string, string> {
  const cgo = process.env.CGO_ENABLED ?? '0';
  if (settings.architecture === undefined) return { CGO_ENABLED: cgo };
  return { CGO_ENABLED: cgo, GOARCH: architectureOf(settings) === 'arm64' ? 'arm64' : 'amd64' };
}
