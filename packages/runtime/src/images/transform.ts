import { createRequire } from 'node:module';
import { join } from 'node:path';

/** An image in another size or format. */
export interface Transformed {
  readonly body: Buffer;
  readonly type: string;
}

export type Transform = (
  body: Buffer,
  options: { readonly width: number; readonly quality: number; readonly type: string },
) => Promise<Transformed>;

interface Pipeline {
  rotate(): Pipeline;
  resize(width: number, height: undefined, options: { withoutEnlargement: boolean }): Pipeline;
  toFormat(format: string, options: { quality: number; effort?: number }): Pipeline;
  toBuffer(): Promise<Buffer>;
}
type Sharp = (body: Buffer, options: { limitInputPixels: number; sequentialRead: boolean }) => Pipeline;

/** Pictures of more than this are taken for an attack on the machine's memory: 16,000 by 16,000. */
const MOST_PIXELS = 268_402_689;
/** At a time, since each keeps a core busy and holds a whole picture in memory. */
const AT_A_TIME = 2;

/**
 * The `sharp` that svc was installed with, or else the one of the project that the deployment belongs to. Null when there
 * is none: svc does not need it for anything else, so it is the user's to install.
 */
export function findTransform(deployment: string): Transform | null {
  const sharp =
    load(import.meta.url) ?? load(join(deployment, 'index.js')) ?? load(join(process.cwd(), 'index.js'));
  if (!sharp) return null;
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (body, { width, quality, type }) => {
    if (running >= AT_A_TIME) await new Promise<void>(resolve => waiting.push(resolve));
    running++;
    try {
      const image = sharp(body, { limitInputPixels: MOST_PIXELS, sequentialRead: true })
        // As the camera was held, which the result no longer says.
        .rotate()
        .resize(width, undefined, { withoutEnlargement: true });
      return { body: await encoded(image, type, quality), type };
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}

function encoded(image: Pipeline, type: string, quality: number): Promise<Buffer> {
  switch (type) {
    case 'image/avif':
      // The same impression of quality takes a lower number there; more effort than this takes seconds.
      return image.toFormat('avif', { quality: Math.max(quality - 20, 1), effort: 3 }).toBuffer();
    case 'image/webp':
      return image.toFormat('webp', { quality }).toBuffer();
    case 'image/png':
      return image.toFormat('png', { quality }).toBuffer();
    default:
      return image.toFormat('jpeg', { quality }).toBuffer();
  }
}

function load(from: string): Sharp | undefined {
  try {
    const module = createRequire(from)('sharp') as Sharp | { default: Sharp };
    return typeof module === 'function' ? module : module.default;
  } catch {
    // Not installed there, or not for this machine.
    return undefined;
  }
}
