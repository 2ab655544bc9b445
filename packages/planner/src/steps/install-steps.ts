import type { Step } from '@svc/contracts';

/** An install that a service needs. */
export interface InstallNeed {
  readonly service: string;
  readonly command: string;
  /** Folder it runs in, relative to the boundary. */
  readonly folder: string;
  /**
   * Whether that is the service's own root and no workspace: then it is the service's own step unless another service
   * shares it. An install of a workspace is shared even when only one service is asked for.
   */
  readonly isOwnFolder: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Folders that it fills. */
  readonly fills: readonly string[];
}

/**
 * One step for each command and folder, however many services need it: a workspace of 100 services installs once. The
 * step belongs to a service only where it runs in that service's own root for it alone.
 */
export function installSteps(needs: readonly InstallNeed[]): Map<InstallNeed, Omit<Step, 'needs'>> {
  const groups = new Map<string, InstallNeed[]>();
  for (const need of needs) {
    const key = JSON.stringify([need.folder, need.command]);
    groups.set(key, [...(groups.get(key) ?? []), need]);
  }
  const steps = new Map<InstallNeed, Omit<Step, 'needs'>>();
  const taken = new Set<string>();
  for (const group of groups.values()) {
    const step = stepFor(group, taken);
    for (const need of group) steps.set(need, step);
  }
  return steps;
}

function stepFor(group: readonly InstallNeed[], taken: Set<string>): Omit<Step, 'needs'> {
  const [first] = group;
  if (!first) throw new Error('an install that nobody needs');
  const owner = group.length === 1 && first.isOwnFolder ? first.service : null;
  return {
    id: distinct(owner === null ? `install:${first.folder}` : `${owner}:install`, taken),
    kind: 'install',
    service: owner,
    label: first.command,
    command: { type: 'shell', line: first.command },
    cwd: first.folder,
    env: first.env,
    network: true,
    outputs: [],
    // `npm ci` empties what it finds, but leaves the folders: those of packages that are no longer there.
    caches: /^npm ci\b/.test(first.command) ? [] : first.fills,
    services: group.map(({ service }) => service),
  };
}

function distinct(id: string, taken: Set<string>): string {
  let free = id;
  for (let count = 2; taken.has(free); count++) free = `${id}:${count}`;
  taken.add(free);
  return free;
}
