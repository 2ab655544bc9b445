import { EXIT } from '@svc/contracts';
import { openProject } from '../build/open.ts';
import { readOptions } from '../options.ts';
import { planTable } from '../plan-table.ts';
import { openSession } from '../session.ts';

/** Shows what a build would do. */
export async function run(args: readonly string[]): Promise<number> {
  const words = readOptions('plan', args, { json: { type: 'boolean' } }, 1);
  const session = openSession({ json: false });
  if (!words.ok) return session.refuse(words.failures);
  const { values, positionals } = words.value;
  const opened = await openProject(positionals[0] ?? '.', { willRun: false });
  if (!opened.ok) return session.refuse(opened.failures);
  const { planBuild } = await import('../build/plan.ts');
  const build = await planBuild(opened.value, {}, session);
  if (!build.ok) return session.refuse(build.failures);
  const text = values.json
    ? JSON.stringify(build.value.plan, null, 2)
    : planTable(build.value.project, build.value.plan);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}
