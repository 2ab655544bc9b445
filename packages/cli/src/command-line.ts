import { EXIT } from '@svc/contracts';
import { COMMANDS, overview } from './help.ts';
import { nearestName } from './nearest-name.ts';
import { svcVersion } from './version.ts';

type Run = (args: readonly string[]) => Promise<number>;

/** A command file exports `run`. Each is loaded only when it is called. */
const LOADERS: Readonly<Record<string, () => Promise<{ run: Run }>>> = {
  build: () => import('./commands/build.ts'),
  plan: () => import('./commands/plan.ts'),
  explain: () => import('./commands/explain.ts'),
  cache: () => import('./commands/cache.ts'),
  pack: () => import('./commands/pack.ts'),
  unpack: () => import('./commands/unpack.ts'),
  verify: () => import('./commands/verify.ts'),
  start: () => import('./commands/start.ts'),
  dev: () => import('./commands/dev.ts'),
  route: () => import('./commands/route.ts'),
  builder: () => import('./commands/builder.ts'),
};

/** The command that the words name, or the exit code of a call that is answered already. */
export async function findCommand(
  words: readonly string[],
): Promise<{ run: Run; args: readonly string[] } | number> {
  const [name, ...args] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return help(args[0]);
  if (name === '--version' || name === '-v') return print(svcVersion());
  const load = LOADERS[name];
  if (!load) return unknownCommand(name);
  if (args.includes('--help') || args.includes('-h')) return help(name);
  return { run: (await load()).run, args };
}

function help(command: string | undefined): number {
  if (command === undefined) return print(overview());
  const text = COMMANDS[command]?.help;
  return text === undefined ? unknownCommand(command) : print(text);
}

function unknownCommand(name: string): number {
  const near = nearestName(name, Object.keys(LOADERS));
  const hint = near ? `Did you mean \`svc ${near}\`?` : 'Run `svc --help` for the list.';
  process.stderr.write(`svc: there is no command "${name}". ${hint}\n`);
  return EXIT.usage;
}

function print(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`);
  return EXIT.done;
}
