/** Put in by the bundler from `package.json`. */
declare const SVC_VERSION: string;
/** Put in by the bundler: digest of all of svc's sources. */
declare const SVC_SOURCES: string;

export function svcVersion(): string {
  return SVC_VERSION;
}

/** The version for those who must not take two commits of one version for the same. */
export function svcIdentity(): string {
  return `${SVC_VERSION} ${SVC_SOURCES}`;
}
