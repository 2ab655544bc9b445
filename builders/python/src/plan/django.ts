import { posix } from 'node:path';
import type { AppReference } from '../input.ts';
import { fileOfModule } from './modules.ts';
import type { ServiceFiles } from './service-files.ts';

const SETTINGS = /DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']/;

/**
 * A Django project's app, by way of `manage.py`: its settings name `ASGI_APPLICATION` or else `WSGI_APPLICATION`; where they
 * name neither, the `wsgi.py` or `asgi.py` beside them is taken. `undefined` when that leads nowhere.
 */
export async function djangoApp(files: ServiceFiles): Promise<AppReference | undefined> {
  const candidates = files.request.files.filter(file => posix.basename(file) === 'manage.py');
  const manage = candidates.sort((a, b) => a.split('/').length - b.split('/').length)[0];
  const settings = manage && SETTINGS.exec((await files.read(manage)) ?? '')?.[1];
  if (manage === undefined || settings === undefined) return undefined;
  const root = posix.dirname(manage);
  const named = (await namedIn(files, root, settings)) ?? beside(files, root, settings);
  if (!named) return undefined;
  return {
    ...named,
    factory: false,
    paths: [...new Set([root, '.'])],
  };
}

type Named = Pick<AppReference, 'file' | 'module' | 'attribute' | 'interface'>;

async function namedIn(files: ServiceFiles, root: string, settings: string): Promise<Named | undefined> {
  const texts = await Promise.all(settingsFiles(files, root, settings).map(file => files.read(file)));
  const text = texts.join('\n');
  for (const kind of ['asgi', 'wsgi'] as const) {
    const pattern = new RegExp(`^${kind.toUpperCase()}_APPLICATION\\s*=\\s*["']([\\w.]+)\\.(\\w+)["']`, 'm');
    const [, module = '', attribute = ''] = pattern.exec(text) ?? [];
    const file = module && fileOfModule(files, module, [root]);
    if (file) return { file, module, attribute, interface: kind };
  }
  return undefined;
}

/** The module itself, or every file of a package of settings, which are often split into `base.py` and others. */
function settingsFiles(files: ServiceFiles, root: string, settings: string): string[] {
  const stem = posix.join(root, settings.replaceAll('.', '/'));
  const parent = posix.dirname(stem);
  const isOwn = (file: string) =>
    file === `${stem}.py` ||
    file.startsWith(`${stem}/`) ||
    (posix.basename(parent) === 'settings' && posix.dirname(file) === parent);
  return files.request.files.filter(file => file.endsWith('.py') && isOwn(file));
}

function beside(files: ServiceFiles, root: string, settings: string): Named | undefined {
  const name = settings.split('.')[0] ?? '';
  for (const kind of ['wsgi', 'asgi'] as const) {
    const file = posix.join(root, name, `${kind}.py`);
    if (files.has(file)) {
      return { file, module: `${name}.${kind}`, attribute: 'application', interface: kind };
    }
  }
  return undefined;
}
