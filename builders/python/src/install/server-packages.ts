import type { AppReference } from '../input.ts';
import type { Interpreter } from './interpreter.ts';

/**
 * What the vendor's platform starts a Python function with. It brings its own uvicorn and WebSockets and needs nothing else,
 * but runs on Python 3.12 and later only.
 */
const PLATFORM_RUNTIME = 'vercel-runtime==0.24.1';

/** For older Pythons, what serves an ASGI app that brings no server of its own. Complete: nothing else is installed. */
const ASGI_SERVER = ['uvicorn==0.34.3', 'h11==0.16.0', 'click==8.1.8', 'websockets==15.0.1'];
const BEFORE_3_11 = 'typing-extensions==4.12.2';

/** The packages that serve the app, pinned; empty where Python's own library does. */
export function serverPackages({ minor }: Interpreter, app: AppReference): readonly string[] {
  const number = Number(minor.split('.')[1]);
  if (number >= 12) return [PLATFORM_RUNTIME];
  if (app.interface === 'wsgi') return [];
  return number < 11 ? [...ASGI_SERVER, BEFORE_3_11] : ASGI_SERVER;
}
