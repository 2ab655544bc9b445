import type { Failure, FailureCode } from '@svc/contracts';
import type { Document, Part, Path } from '../document.ts';

/** Something wrong with a value; where it stands is looked up when it is reported. */
export interface Problem {
  readonly code: FailureCode;
  readonly path: Path;
  /** Whether the key or the value is to be underlined. */
  readonly part: Part;
  readonly message: string;
  readonly help?: string | undefined;
}

export type Report = (problem: Problem) => void;

export interface Reporter {
  readonly report: Report;
  readonly failures: readonly Failure[];
  /** Whether something at `path` or inside it has been reported. */
  faulty(path: Path): boolean;
}

/** Collects problems of one document as failures with places. */
export function reporterFor(document: Document): Reporter {
  const failures: Failure[] = [];
  const reported: Path[] = [];
  function report({ code, path, part, message, help }: Problem): void {
    reported.push(path);
    const service = path[0] === 'services' && typeof path[1] === 'string' ? path[1] : undefined;
    failures.push({
      code,
      ...(service === undefined ? {} : { service }),
      message,
      ...(help === undefined ? {} : { help }),
      position: document.place(path, part),
    });
  }
  function faulty(path: Path): boolean {
    return reported.some(found => path.every((step, index) => found[index] === step));
  }
  return { report, failures, faulty };
}

/** By file, then from top to bottom; what has no place comes first. */
export function inReadingOrder<T extends Pick<Failure, 'position'>>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => {
    const [left, right] = [a.position, b.position];
    if (!left || !right) return Number(Boolean(left)) - Number(Boolean(right));
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.line - right.line || left.column - right.column;
  });
}
