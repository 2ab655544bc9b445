/** An entry of a package's `exports` that has a target under `module-sync`. Paths are relative to the package. */
export interface ExportUse {
  /** What the entry leads to under `module-sync`. */
  readonly targets: readonly string[];
  /** What it leads to under other conditions. */
  readonly others: readonly string[];
}

/** Finds the entries of `exports` and `imports` in a `package.json` that use the condition `module-sync`. */
export function moduleSyncUses(text: string): ExportUse[] {
  const manifest = parse(text);
  if (typeof manifest !== 'object' || manifest === null) return [];
  const { exports, imports } = manifest as { readonly exports?: unknown; readonly imports?: unknown };
  return [...entriesOf(exports), ...entriesOf(imports)].flatMap(entry => {
    const targets: string[] = [];
    const others: string[] = [];
    collect(entry, false, targets, others);
    return targets.length > 0 ? [{ targets, others }] : [];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `exports` is either one entry (a target or conditions) or an object of entries by subpath. */
function entriesOf(field: unknown): unknown[] {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return [field];
  const keys = Object.keys(field);
  return keys.some(key => key.startsWith('.') || key.startsWith('#')) ? Object.values(field) : [field];
}

function collect(value: unknown, isModuleSync: boolean, targets: string[], others: string[]): void {
  if (typeof value === 'string') {
    if (value.startsWith('./')) (isModuleSync ? targets : others).push(value);
  } else if (Array.isArray(value)) for (const each of value) collect(each, isModuleSync, targets, others);
  else if (typeof value === 'object' && value !== null) {
    for (const [condition, each] of Object.entries(value)) {
      collect(each, isModuleSync || condition === 'module-sync', targets, others);
    }
  }
}
