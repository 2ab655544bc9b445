import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { type EngineUnderTest, engineConformance } from './engine-conformance.ts';
import { isInstalled, programsOf } from './support/workshop.ts';

/** Where tests run for good, a missing engine is an error and no reason to test less. */
const isStrict = Boolean(process.env.CI);
const needed = (program: string) => (isStrict || isInstalled(program) ? null : `${program} is not installed`);
const noRegistry = needed('docker-registry');

function answers(file: string, args: readonly string[]): string | null {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/** Machines may have several clients, which build in different ways: the suite runs with each kind. */
function dockers(): EngineUnderTest[] {
  const kinds = new Map<string, EngineUnderTest>();
  for (const file of programsOf('docker')) {
    const version = answers(file, ['version', '--format', '{{.Client.Version}}']);
    const hasBuildx = answers(file, ['buildx', 'version']) !== null;
    const isModern = hasBuildx || Number.parseInt(version ?? '', 10) < 23;
    const label = `docker ${version?.trim() ?? ''} ${isModern ? 'with' : 'without'} BuildKit`;
    if (version === null || kinds.has(label)) continue;
    kinds.set(label, { engine: 'docker', label, isModern, path: dirname(file), missing: null, noRegistry });
  }
  if (kinds.size > 0) return [...kinds.values()];
  const missing = isStrict ? null : 'docker does not answer';
  return [{ engine: 'docker', label: 'docker', isModern: true, path: null, missing, noRegistry }];
}

for (const docker of dockers()) engineConformance(docker);
engineConformance({
  engine: 'buildah',
  label: 'buildah',
  isModern: true,
  path: null,
  missing: needed('buildah') ?? needed('go'),
  noRegistry,
});
