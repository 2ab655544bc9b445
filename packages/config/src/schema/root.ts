import type { Check } from '../checks/shapes.ts';
import { text } from '../checks/shapes.ts';
import { quote } from '../checks/words.ts';

/**
 * The folder as a POSIX path from the project: `web/`, `./web` and `web` are the same; `.` is the project itself.
 * Undefined when it lies outside. Section 3.1 (1) of the services reference.
 */
export function normaliseRoot(root: string): string | undefined {
  if (root.startsWith('/') || /^[A-Za-z]:[\\/]/.test(root)) return undefined;
  const segments: string[] = [];
  for (const segment of root.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/') || '.';
}

const rootText = text({
  min: 1,
  max: 512,
  whenEmpty: 'Write "." for the folder of the configuration itself.',
});

/** Whether the folder exists is the planner's question. */
export const root: Check = (value, path, report) => {
  rootText(value, path, report);
  if (typeof value !== 'string' || value === '') return;
  const problem = outside(value);
  if (problem) report({ code: 'config-invalid-root', path, part: 'value', ...problem });
};

function outside(value: string): { message: string; help: string } | undefined {
  if (value.includes('\\')) {
    return {
      message: `"root" has backslashes: ${quote(value)}`,
      help: `Write "/" between folders: "${value.replaceAll('\\', '/')}".`,
    };
  }
  if (normaliseRoot(value) !== undefined) return undefined;
  if (value.startsWith('/')) {
    const relative = normaliseRoot(value.replace(/^\/+/, ''));
    return {
      message: `"root" must be relative to the folder of this file; ${quote(value)} is absolute`,
      help: relative ? `Write "${relative}".` : 'Write a path such as "apps/web".',
    };
  }
  return {
    message: `"root" leads out of the project: ${quote(value)}`,
    help: 'A service lies inside the folder of this file. Move this file up to a folder that holds all services.',
  };
}
