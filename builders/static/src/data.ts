import type { JsonObject, Route } from '@svc/contracts';

/** What the plan of a static service keeps for its end. Plain JSON, so that it survives in the plan. */
export type StaticData = PlainFiles | Built;

/** The service is published as it lies there. */
export interface PlainFiles {
  readonly mode: 'files';
  /** Folder whose files are published, relative to the root; `.` is the root. */
  readonly from: string;
  /** Files to publish, relative to the root, sorted. */
  readonly files: readonly string[];
}

/** A command makes what is published. */
export interface Built {
  readonly mode: 'build';
  /** The command, for messages. */
  readonly label: string;
  /** Relative to the root; null where the framework decides when it has built. */
  readonly outputDirectory: string | null;
  /** Routes that the framework brings; null where it derives them from what it has built. */
  readonly routes: readonly Route[] | null;
  /** The package whose version is the framework's. */
  readonly frameworkPackage: string | null;
}

export function toJson(data: StaticData): JsonObject {
  return { ...data } as unknown as JsonObject;
}

/** Reads back what {@link toJson} wrote: nobody else writes a static service's `builderData`. */
export function fromJson(data: JsonObject): StaticData {
  return data as unknown as StaticData;
}
