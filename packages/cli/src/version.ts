/** Put in by the bundler from `package.json`. */
declare const SVC_VERSION: string;

export function svcVersion(): string {
  return SVC_VERSION;
}
