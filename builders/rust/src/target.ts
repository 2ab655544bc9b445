import { architectureOf } from '@svc/builder-kit';
import type { JsonObject } from '@svc/contracts';

/** The target triple that `architecture` of `functions` asks for; null when it says nothing, or asks for this machine's. */
export function targetTriple({ architecture }: JsonObject): string | null {
  if (architecture !== 'arm64' && architecture !== 'x86_64') return null;
  if (architecture === architectureOf({})) return null;
  return `${architecture === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
}
