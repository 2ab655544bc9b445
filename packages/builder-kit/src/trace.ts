// Not part of the index: only who traces pays for the tracer.

/** What a Node program needs to run. */
export interface TracedFiles {
  /** POSIX paths relative to `base`, sorted: own modules, packages, and files that they read by name. */
  readonly files: readonly string[];
  /** What could not be followed, in words. */
  readonly warnings: readonly string[];
}

/**
 * Follows what JavaScript files import and read, for builders whose functions run on Node: `writeFunction` then takes
 * exactly those files along. Uses `@vercel/nft`, the tracer of the ecosystem, loaded on first use.
 *
 * @param entries absolute paths of the programs.
 * @param base absolute path of the folder that nothing is followed out of: `context.boundary` of a tool.
 */
export async function traceFiles(entries: readonly string[], base: string): Promise<TracedFiles> {
  const { nodeFileTrace } = await import('@vercel/nft');
  const { fileList, warnings } = await nodeFileTrace([...entries], { base, mixedModules: true });
  return { files: [...fileList].sort(), warnings: [...warnings].map(({ message }) => message).sort() };
}
