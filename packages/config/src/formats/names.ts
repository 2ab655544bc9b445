/** The names a configuration file may have, by format. The vendor reads all but `vercel.jsonc`. */
export const CONFIG_FILES = [
  'vercel.json',
  'vercel.jsonc',
  'vercel.toml',
  'vercel.ts',
  'vercel.mts',
  'vercel.js',
  'vercel.mjs',
  'vercel.cjs',
] as const;

export type ConfigFile = (typeof CONFIG_FILES)[number];
