/** See describe-service.mjs. */
export function describeService(folder: string): Promise<{
  readonly config: { readonly routes: readonly object[]; readonly [key: string]: unknown };
  readonly functions: Readonly<Record<string, object>>;
  readonly prerenders: Readonly<Record<string, object>>;
  readonly files: readonly string[];
}>;
