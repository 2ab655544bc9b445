import { findProject } from '@svc/config';
import { EXIT, failed, ok, type Result } from '@svc/contracts';
import { formatSize } from '@svc/reporters';
import { type Decision, type KeyRecord, readRecord, recordFile, timeOf } from '../cache/record.ts';
import { lastBuildFile } from '../cache/warm.ts';
import { nearestName } from '../nearest-name.ts';
import { readOptions } from '../options.ts';
import { openSession } from '../session.ts';

type Traffic = NonNullable<KeyRecord['traffic']>[number];

/** Says why the last build built each service, or did not. */
export async function run(args: readonly string[]): Promise<number> {
  const session = openSession({ json: false });
  const words = readOptions('explain', args, { json: { type: 'boolean' } }, 1);
  if (!words.ok) return session.refuse(words.failures);
  const project = await findProject(process.cwd());
  if (!project.ok) return session.refuse(project.failures);
  const { directory } = project.value;
  const record = readRecord(directory);
  const decisions = record?.decisions ?? [];
  const traffic = record?.traffic ?? [];
  const chosen = choose(decisions, words.value.positionals[0]);
  if (!chosen.ok) return session.refuse(chosen.failures);
  // A build with nothing to do leaves nothing but the time at which it found that out.
  const isLater = (timeOf(lastBuildFile(directory)) ?? 0) > (timeOf(recordFile(directory)) ?? 0);
  const text = words.value.values.json
    ? JSON.stringify({ nothingChangedSince: isLater, decisions: chosen.value, traffic }, null, 2)
    : [...describe(chosen.value, isLater), ...traffic.map(describeTraffic)].join('\n');
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

function choose(decisions: readonly Decision[], name: string | undefined): Result<readonly Decision[]> {
  if (decisions.length === 0) {
    return failed({
      code: 'deployment-not-found',
      message: 'there is no build to explain yet',
      help: 'Run svc build first.',
    });
  }
  if (name === undefined) return ok(decisions);
  const found = decisions.filter(({ service }) => service === name);
  if (found.length > 0) return ok(found);
  const names = decisions.map(({ service }) => service);
  const near = nearestName(name, names);
  return failed({
    code: 'unknown-service-filter',
    message: `the last build had no service "${name}"`,
    help: near ? `Did you mean "${near}"?` : `The services were: ${names.join(', ')}.`,
  });
}

function describe(decisions: readonly Decision[], isLater: boolean): string[] {
  const intro = isLater
    ? ['The last build found that nothing had changed. This is what the one before it did:', '']
    : [];
  return [...intro, ...decisions.flatMap(describeOne)];
}

function describeTraffic({ from, requests, bytesReceived }: Traffic): string {
  const trips = requests === 1 ? '1 round trip' : `${requests} round trips`;
  return `Looking in the ${from} cache took ${trips} and ${formatSize(bytesReceived)}.`;
}

function describeOne({ service, key, from, reasons }: Decision): string[] {
  const title = `${service}: ${outcome(from, reasons)} (key ${key.slice(0, 12)})`;
  return [title, ...reasons.map(reason => `  ${reason}`)];
}

function outcome(from: string | null, reasons: readonly string[]): string {
  if (from === null) return 'was built, because';
  if (from === 'output') return 'was kept: nothing has changed';
  const since = reasons.length === 0 ? '' : '; since the build before';
  return `was restored from the ${from} cache${since}`;
}
