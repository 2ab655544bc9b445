/**
 * The `packages` list of a `pnpm-workspace.yaml`, in the two forms in which people write it: one `- pattern` a line, or
 * `[a, b]`. A file without the list makes a workspace of the root alone.
 */
export function packagePatterns(yaml: string): string[] {
  const lines = yaml.split(/\r?\n/).map(line => line.replace(/(^|\s)#.*$/, ''));
  const start = lines.findIndex(line => /^packages\s*:/.test(line));
  if (start === -1) return [];
  const inline = /^packages\s*:\s*\[(.*)/.exec(lines.slice(start).join(' '))?.[1];
  if (inline !== undefined) return (inline.split(']')[0] ?? '').split(',').map(scalar).filter(isPattern);
  const patterns: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === '') continue;
    const item = /^\s*-\s+(.+)$/.exec(line);
    if (!item) break;
    patterns.push(scalar(item[1] ?? ''));
  }
  return patterns.filter(isPattern);
}

function scalar(text: string): string {
  const plain = text.trim();
  return /^(['"]).*\1$/.test(plain) ? plain.slice(1, -1) : plain;
}

function isPattern(text: string): boolean {
  return text !== '';
}
