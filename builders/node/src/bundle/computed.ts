/**
 * `require('./plugins/' + name)` and `` import(`./plugins/${name}.js`) ``: esbuild would guess which files are meant and
 * know them only under their full names. Hidden from it by `String(…)` and `String.raw`, they are computed at run time,
 * relative to the file that is then shipped by itself.
 */
const CONCATENATED = /\b(require(?:\.resolve)?|import)(\(\s*)((['"])\.{1,2}\/[^'"\n]*\4)(?=\s*\+)/g;
const TEMPLATE = /\b(require(?:\.resolve)?|import)(\(\s*)(`\.{1,2}\/[^`]*\$\{[^`]*`)/g;

export interface Opened {
  readonly code: string;
  readonly hasComputedLoads: boolean;
}

/** The source with its computed loads left to run time; `.ts` at the end of a template becomes the shipped `.js`. */
export function openComputedLoads(source: string): Opened {
  let hasComputedLoads = false;
  const code = source
    .replace(CONCATENATED, (_, callee: string, open: string, literal: string) => {
      hasComputedLoads = true;
      return `${callee}${open}String(${literal})`;
    })
    .replace(TEMPLATE, (_, callee: string, open: string, template: string) => {
      hasComputedLoads = true;
      return `${callee}${open}String.raw${template.replace(/\.([cm]?)ts`$/, '.$1js`')}`;
    });
  return { code, hasComputedLoads };
}
