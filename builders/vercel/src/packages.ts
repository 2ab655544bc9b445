/** A builder package and which version of it is wanted. */
export interface PackageRequest {
  readonly name: string;
  /** A version or range; null for the one that is pinned, or else the newest. */
  readonly wanted: string | null;
}

/** What svc knows of one of the vendor's builders without having it. */
export interface OfficialPackage {
  readonly version: string;
  /** The file that the vendor names as the entrypoint when nobody says otherwise (section 3.2 of the services reference). */
  readonly source: string;
}

/**
 * The vendor's builders that svc supports out of the box, in the versions of `vercel` 64.0.2. Their lockfiles are in `pins/`;
 * to raise a version, write its lockfile anew there (a test compares the two).
 */
export const OFFICIAL_PACKAGES: Readonly<Record<string, OfficialPackage>> = {
  '@vercel/next': { version: '23.0.0', source: 'package.json' },
  '@vercel/remix-builder': { version: '24.0.0', source: 'package.json' },
  '@vercel/redwood': { version: '21.0.0', source: 'package.json' },
  '@vercel/hydrogen': { version: '20.0.0', source: 'package.json' },
  '@vercel/ruby': { version: '21.0.0', source: 'config.ru' },
};

/** What the adapter builds without being asked: the planner's keys, which are the packages' names without their scope. */
export const ADAPTED_RUNTIMES: readonly string[] = ['remix-builder', 'redwood', 'hydrogen', 'ruby'];

/** What stands before a package's name in `svc.json` to say that it follows the vendor's contract. */
const PREFIX = 'vercel:';

/**
 * Whether a `builder` of `svc.json` is a package that follows the vendor's Builder contract: one of the vendor's own, one of
 * a name that such packages have by custom (`vercel-php`, `@acme/vercel-lua`, `now-rust`), or any with `vercel:` before it.
 * A path is never one, nor is a package of any other name.
 */
export function takesBuilder(name: string): boolean {
  if (name.startsWith(PREFIX)) return true;
  return /^(?:@(?:vercel|now)\/|(?:@[\w.-]+\/)?(?:vercel|now)-)/.test(name);
}

/** Reads `name`, `name@version` and `vercel:name@version`. */
export function readPackageRequest(text: string): PackageRequest {
  const written = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const at = written.indexOf('@', 1);
  if (at === -1) return { name: written, wanted: null };
  return { name: written.slice(0, at), wanted: written.slice(at + 1) };
}
