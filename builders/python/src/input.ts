import type { JsonObject } from '@svc/contracts';

/** Where a service's dependencies are written down. Paths are POSIX, relative to the service's root. */
export type DependencySource =
  | { readonly kind: 'uv-lock'; readonly file: string }
  | { readonly kind: 'pyproject' }
  /** The project itself says what it needs only when it is built: `dynamic` dependencies, `setup.py`. */
  | { readonly kind: 'project'; readonly file: string }
  | { readonly kind: 'requirements' }
  | { readonly kind: 'pipfile-lock' }
  | { readonly kind: 'pipfile' }
  | { readonly kind: 'none' };

export type Installer = 'uv' | 'pip';

/** What somebody wrote about the version of Python, and where. */
export type VersionWish = {
  /** A version specifier of PEP 440 such as `>=3.11,<3.14`. */
  readonly specifier: string;
  /** For people: `requires-python in pyproject.toml`. */
  readonly writtenIn: string;
  readonly position: { readonly file: string; readonly line: number; readonly column: number };
};

/** Which app the function serves. */
export type AppReference = {
  /** Relative to the service's root. */
  readonly file: string;
  /** Dotted name, importable from `paths`. */
  readonly module: string;
  readonly attribute: string;
  /** Whether the attribute is a function that makes the app. */
  readonly factory: boolean;
  /** Folders from which modules are imported, relative to the service's root, first one first. */
  readonly paths: readonly string[];
  /** What the source gives away of the app's interface; null when only running it would tell. */
  readonly interface: 'asgi' | 'wsgi' | null;
};

/** What the planner tells the tool that installs. */
export type InstallInput = {
  readonly source: DependencySource;
  readonly installer: Installer;
  readonly wishes: readonly VersionWish[];
  readonly app: AppReference;
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
  /** Whether the service has an `installCommand` of its own, which may have left an environment. */
  readonly ownInstall: boolean;
};

/** What the planner tells the tool that bundles. */
export type BundleInput = {
  /** Name of the function: the framework's slug, or `python`. */
  readonly name: string;
  readonly framework: string | null;
  readonly app: AppReference;
  /** The service's root as the user would type it from the project's folder. */
  readonly root: string;
  /** The settings of `functions` that apply. */
  readonly settings: JsonObject;
};

/** Below the service's root in its working copy; kept between builds. */
export const WORK_FOLDER = '.svc-python';
/** Installed packages, as `PYTHONPATH` wants them. */
export const PACKAGES = `${WORK_FOLDER}/packages`;
/** Packages of svc's own choosing: what serves the app. */
export const SERVER_PACKAGES = `${WORK_FOLDER}/server`;
/** `python` and `python3` that are the interpreter in use: first on a build command's `PATH`. */
export const PROGRAMS = `${WORK_FOLDER}/bin`;
/** What the install step tells the bundling step, and itself in the next build. */
export const STATE_FILE = `${WORK_FOLDER}/state.json`;
