/** How often a file has to change while its service is built, and never otherwise, until the build counts as its author. */
const OFTEN = 3;
/** Milliseconds after a build in which a change may still be one of its own: changes are told a moment late. */
const LATE = 400;

/**
 * Tells what a service's own build writes among its sources from edits. Such a file belongs into `.gitignore`; while it is not
 * there, each build would be the reason for the next.
 */
export class OwnWrites {
  private isBuilding = false;
  private endedAt = Number.NEGATIVE_INFINITY;
  /** How often each file has changed during builds. */
  private readonly counts = new Map<string, number>();

  constructor(private readonly tell: (message: string) => void) {}

  begin(): void {
    this.isBuilding = true;
  }

  end(): void {
    this.isBuilding = false;
    this.endedAt = performance.now();
  }

  /** Those of the changed files that count as edited by somebody. */
  edited(paths: readonly string[]): readonly string[] {
    if (!this.isBuilding && performance.now() - this.endedAt > LATE) {
      // A build does not write when it does not run.
      for (const path of paths) this.counts.delete(path);
      return paths;
    }
    return paths.filter(path => {
      const count = (this.counts.get(path) ?? 0) + 1;
      this.counts.set(path, count);
      if (count === OFTEN) {
        this.tell(
          `${path} changes whenever this service is built, so it counts as written by the build, and no longer starts it again. List it in .gitignore`,
        );
      }
      return count < OFTEN;
    });
  }
}
