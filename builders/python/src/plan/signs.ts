/** What the text of a Python module gives away about the apps in it, without running it. */
export interface Signs {
  /** Names that the module binds at its top level. */
  readonly names: ReadonlySet<string>;
  /** Whether it may bind others: `from x import *`. */
  readonly isOpen: boolean;
  /** The app that a server would most likely be told to serve. */
  readonly app: FoundApp | undefined;
}

export interface FoundApp {
  readonly attribute: string;
  readonly factory: boolean;
  readonly interface: 'asgi' | 'wsgi' | null;
}

const ASGI_MAKERS =
  /\b(?:FastAPI|Starlette|FastHTML|fast_app|Litestar|Quart|Sanic|ProtocolTypeRouter|ASGIApp|get_asgi_application|BlackSheep|asgi\.App|WsgiToAsgi)\s*\(/;
const WSGI_MAKERS = /\b(?:Flask|Bottle|WSGIApp|get_wsgi_application|falcon\.App|make_wsgi_app)\s*\(/;
const FACTORIES = ['create_app', 'make_app', 'get_app'];

const ASSIGNMENT = /^([A-Za-z_]\w*)((?:\s*,\s*[A-Za-z_*]\w*)*)\s*(?::[^=\n]+)?=(?!=)\s*(.*(?:\n[ \t)].*)*)/gm;
const FUNCTION = /^(async\s+)?def\s+(\w+)\s*\(([^)]*)\)/gm;
const CLASS = /^class\s+(\w+)\s*(?:\(([^)]*)\))?/gm;
const IMPORT = /^from\s+\S+\s+import\s+(?:\(([^)]*)\)|(.+))$|^import\s+(.+)$/gm;

export function readSigns(source: string): Signs {
  const text = withoutTexts(source);
  const names = new Set<string>();
  const made = new Map<string, FoundApp>();

  for (const [, first = '', others = '', value = ''] of text.matchAll(ASSIGNMENT)) {
    for (const name of [first, ...others.split(',')]) if (name.trim() !== '') names.add(name.trim());
    const kind = ASGI_MAKERS.test(value) ? 'asgi' : WSGI_MAKERS.test(value) ? 'wsgi' : undefined;
    if (kind) made.set(first, { attribute: first, factory: false, interface: kind });
  }
  const functions = new Map<string, { isAsync: boolean; parameters: string[] }>();
  for (const [, isAsync, name = '', list = ''] of text.matchAll(FUNCTION)) {
    names.add(name);
    const parameters = list.split(',').map(each => each.trim());
    functions.set(name, {
      isAsync: isAsync !== undefined,
      parameters: parameters.filter(each => each !== ''),
    });
  }
  let handler = false;
  for (const [, name = '', bases = ''] of text.matchAll(CLASS)) {
    names.add(name);
    if (name === 'handler' && /BaseHTTPRequestHandler/.test(bases)) handler = true;
  }
  for (const [, block, line, modules] of text.matchAll(IMPORT)) {
    for (const part of (block ?? line ?? modules ?? '').split(',')) {
      const name = part
        .trim()
        .split(/\s+as\s+/)
        .at(-1);
      if (name) names.add(name.trim());
    }
  }
  return { names, isOpen: names.has('*'), app: likelyApp(names, made, functions, handler) };
}

function likelyApp(
  names: ReadonlySet<string>,
  made: ReadonlyMap<string, FoundApp>,
  functions: ReadonlyMap<string, { isAsync: boolean; parameters: readonly string[] }>,
  handler: boolean,
): FoundApp | undefined {
  for (const attribute of ['app', 'application']) {
    if (!names.has(attribute)) continue;
    return (
      made.get(attribute) ?? { attribute, factory: false, interface: interfaceOf(functions.get(attribute)) }
    );
  }
  const [first] = made.values();
  if (first) return first;
  if (handler) return { attribute: 'handler', factory: false, interface: 'wsgi' };
  const factory = FACTORIES.find(name => {
    const parameters = functions.get(name)?.parameters;
    return parameters?.every(each => each.includes('=') || each.startsWith('*')) ?? false;
  });
  return factory === undefined ? undefined : { attribute: factory, factory: true, interface: null };
}

function interfaceOf(made?: { isAsync: boolean; parameters: readonly string[] }): FoundApp['interface'] {
  if (made?.isAsync) return 'asgi';
  return made?.parameters.length === 2 ? 'wsgi' : null;
}

/** Long strings and comments may hold code that is none. */
function withoutTexts(source: string): string {
  return source.replace(/("""|''')[\s\S]*?\1/g, '""').replace(/^\s*#.*$/gm, '');
}
