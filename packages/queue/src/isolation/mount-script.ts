import { quote } from '../paths.ts';

/** One overlay: layers top first, all paths absolute. */
export interface Overlay {
  readonly at: string;
  readonly lower: readonly string[];
  readonly upper: string;
  readonly scratch: string;
}

export interface MountPlan {
  /** A file of the working copy's own, for the lists of mounts. */
  readonly table: string;
  /** Where the view is put together; becomes `target` at the end. */
  readonly skeleton: string;
  readonly target: string;
  readonly overlays: readonly Overlay[];
  /** Folders shown at other places inside the skeleton. */
  readonly binds: readonly { readonly from: string; readonly to: string }[];
  /** A private folder that covers `/tmp`. */
  readonly temp: string;
  /** Folders that must stay visible although `/tmp` is covered. */
  readonly exposed: readonly { readonly from: string; readonly to: string; readonly writable: boolean }[];
}

/**
 * Shell commands that, in a mount namespace of their own, put the project's place under the view. The view is built
 * aside and moved over the project last: until then everything is still where it was, so every layer can be named by its
 * ordinary path. The handle on descriptor 9 keeps the view in reach when `/tmp`, which may hold it, is covered.
 */
export function mountCommands(plan: MountPlan): string[] {
  return [
    ...viewCommands(plan),
    ...(plan.target.startsWith('/tmp/') ? [`mkdir -p ${quote(belowTemp(plan, plan.target))}`] : []),
    '{',
    // Bound below the private folder first: once that covers `/tmp`, they can no longer be reached by their own names.
    ...plan.exposed.map(({ from, to, writable }) => exposedLine(from, belowTemp(plan, to), writable)),
    tableLine(plan.temp, '/tmp', 'rbind'),
    tableLine(VIEW, plan.target, 'rbind'),
    `} >${quote(plan.table)}`,
    mountTable(plan),
    'exec 9<&-',
  ];
}

/**
 * The same with a root of its own that holds the system's folders (read-only), what is exposed, and nothing else. The
 * commands end inside that root.
 */
export function sealedMountCommands(plan: MountPlan, root: string): string[] {
  return [
    ...viewCommands(plan),
    `R=${quote(root)}`,
    'mount -t tmpfs -o mode=755 svc "$R"',
    `for d in ${SYSTEM_FOLDERS.join(' ')}; do
  if [ -L "$d" ]; then cp -P "$d" "$R$d"
  elif [ -d "$d" ]; then mkdir -p "$R$d"; mount --rbind "$d" "$R$d"; mount -o remount,bind,ro "$R$d"; fi
done`,
    'mkdir "$R/dev" "$R/proc" "$R/tmp"',
    'mount --rbind /dev "$R/dev"',
    'mount --rbind /proc "$R/proc"',
    `mount --rbind ${quote(plan.temp)} "$R/tmp"`,
    ...plan.exposed.flatMap(({ from, to, writable }) => bindCommands(from, root + to, writable)),
    ...placeView(root + plan.target),
  ];
}

/** `/run` stays out but for what name resolution needs: it also holds the sockets of the machine's daemons. */
const SYSTEM_FOLDERS = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc',
  '/opt',
  '/nix',
  '/sys',
  '/run/systemd/resolve',
];

function viewCommands(plan: MountPlan): string[] {
  return [
    'set -e',
    'umask 022',
    '{',
    ...plan.overlays.map(overlayLine),
    ...plan.binds.map(({ from, to }) => tableLine(from, to, 'bind')),
    `} >${quote(plan.table)}`,
    mountTable(plan),
    `exec 9<${quote(plan.skeleton)}`,
  ];
}

/** The view by its handle, whatever covers its path. */
const VIEW = '/proc/self/fd/9';

/** One process for all mounts: starting `mount` for each of them takes most of the time that isolation costs. */
function mountTable({ table }: MountPlan): string {
  return `mount -a -c -T ${quote(table)}`;
}

/** A shell command that prints a line of a mount table (fstab(5)). */
function tableLine(source: string, target: string, options: string, type = 'none'): string {
  const fields = [source, target, type, options].map(field =>
    field.replace(/[\\\s]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`),
  );
  return `printf '%s\\n' ${quote(`${fields.join(' ')} 0 0`)}`;
}

/** What is not there on this machine (a download cache that nobody has used yet) is nothing to show. */
function exposedLine(from: string, to: string, writable: boolean): string {
  const line = tableLine(from, to, writable ? 'bind' : 'bind,ro');
  return `if [ -d ${quote(from)} ]; then mkdir -p ${quote(to)}; ${line}; fi`;
}

function placeView(target: string): string[] {
  return [`mkdir -p ${quote(target)}`, `mount -c --rbind ${VIEW} ${quote(target)}`, 'exec 9<&-'];
}

function belowTemp(plan: MountPlan, to: string): string {
  return to.startsWith('/tmp/') ? plan.temp + to.slice('/tmp'.length) : to;
}

function bindCommands(from: string, to: string, writable: boolean): string[] {
  const commands = [`mkdir -p ${quote(to)}`, `mount --bind ${quote(from)} ${quote(to)}`];
  if (!writable) commands.push(`mount -o remount,bind,ro ${quote(to)}`);
  return [`if [ -d ${quote(from)} ]; then ${commands.join('; ')}; fi`];
}

/** `userxattr` because without it only the real root could leave marks that other layers understand. */
function overlayLine({ at, lower, upper, scratch }: Overlay): string {
  const options = `userxattr,lowerdir=${lower.join(':')},upperdir=${upper},workdir=${scratch}`;
  return tableLine('svc', at, options, 'overlay');
}

/** Characters that overlay options use themselves; a project below such a path is isolated by copies. */
export function fitsOverlayOptions(path: string): boolean {
  return !/[:,\\]/.test(path);
}
