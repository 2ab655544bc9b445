import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** How often a file has to change while its service is built, and never otherwise, until the build counts as its author. */
const OFTEN = 3;

/**
 * Tells what a service's own build writes among its sources from edits. Such a file belongs into `.gitignore`; while it is not
 * there, each build would be the reason for the next. When a file was written is told by its time, since changes are told a
 * moment late: an edit right behind a build is an edit. And what git tracks is somebody's work, however often it is saved
 * while a slow build runs.
 */
export class OwnWrites {
  /** Of the last build; milliseconds since 1970. */
  private beganAt = Number.POSITIVE_INFINITY;
  private endedAt = Number.NEGATIVE_INFINITY;
  /** How often each file has changed during builds. */
  private readonly counts = new Map<string, number>();

  /**
   * @param boundary absolute path of the folder that paths are relative to.
   * @param now milliseconds since 1970.
   */
  constructor(
    private readonly boundary: string,
    private readonly tell: (message: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  begin(): void {
    this.beganAt = this.now();
    this.endedAt = Number.POSITIVE_INFINITY;
  }

  end(): void {
    this.endedAt = this.now();
  }

  /** Those of the changed files that count as edited by somebody. */
  edited(paths: readonly string[]): readonly string[] {
    return paths.filter(path => {
      if (!this.isFromBuild(path)) {
        this.counts.delete(path);
        return true;
      }
      const count = (this.counts.get(path) ?? 0) + 1;
      if (count >= OFTEN && this.isTracked(path)) return true;
      this.counts.set(path, count);
      if (count === OFTEN) {
        this.tell(
          `${path} changes whenever this service is built, so it counts as written by the build, and no longer starts it again. List it in .gitignore`,
        );
      }
      return count < OFTEN;
    });
  }

  /** Whether it was written, or went away, while the service was built. */
  private isFromBuild(path: string): boolean {
    const time = statSync(join(this.boundary, path), { throwIfNoEntry: false })?.mtimeMs ?? this.now();
    return time >= this.beganAt && time <= this.endedAt;
  }

  /** Asked rarely. Without git, or outside of a repository, nothing is. */
  private isTracked(path: string): boolean {
    const args = ['ls-files', '--error-unmatch', '--', path];
    return spawnSync('git', args, { cwd: this.boundary, stdio: 'ignore' }).status === 0;
  }
}
