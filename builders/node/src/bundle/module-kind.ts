import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModuleKind } from './job.ts';
import { TYPESCRIPT } from './job.ts';
import type { TsConfigs } from './tsconfig.ts';

const MODULE_SYNTAX =
  /^\s*(?:import\s*(?:[\w*{'"]|type\b)|export\s*(?:[{*]|default\b|(?:async\s+)?(?:function|const|let|var|class|type|interface|enum|abstract)\b))|\bimport\.meta\b/m;

/**
 * Whether Node would load a source as an ES module: by extension, then by `type` of the nearest `package.json`, then by
 * its syntax. TypeScript without either is what its `tsconfig.json` says tsc makes of it: CommonJS unless `module` is
 * one of the ES kinds.
 */
export function moduleKind(file: string, source: string, boundary: string, configs: TsConfigs): ModuleKind {
  if (/\.m[jt]sx?$/.test(file)) return 'esm';
  if (/\.c[jt]sx?$/.test(file)) return 'cjs';
  const type = packageType(dirname(file), boundary);
  if (type === 'module') return 'esm';
  if (type === 'commonjs') return 'cjs';
  if (!MODULE_SYNTAX.test(source)) return 'cjs';
  const options = TYPESCRIPT.test(file) ? configs.optionsFor(file) : undefined;
  if (!options) return 'esm';
  return /^(?:es|preserve)/i.test(options.module ?? 'commonjs') ? 'esm' : 'cjs';
}

function packageType(folder: string, boundary: string): string | undefined {
  const file = nearestPackage(folder, boundary);
  return file && (JSON.parse(readFileSync(file, 'utf8')) as { type?: string }).type;
}

/** Path of the `package.json` that governs a folder, no higher than the boundary. */
export function nearestPackage(folder: string, boundary: string): string | undefined {
  for (let each = folder; ; each = dirname(each)) {
    const file = join(each, 'package.json');
    if (existsSync(file)) return file;
    if (each === boundary || each === dirname(each)) return undefined;
  }
}
