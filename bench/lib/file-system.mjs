import { statfsSync } from 'node:fs';

/** As statfs(2) has them. */
const KINDS = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
]);

/** What kind of file system a folder lies on: how long a file takes to make is much of some results. */
export function fileSystemOf(folder) {
  const { type } = statfsSync(folder);
  return KINDS.get(type) ?? `0x${type.toString(16)}`;
}
