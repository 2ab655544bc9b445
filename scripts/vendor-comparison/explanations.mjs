const NODE = ['Express', 'Hono'];
const PYTHON = ['FastAPI', 'Flask', 'Starlette', 'Django'];

/**
 * Why svc's output differs from the vendor's. The first entry that matches a difference, and its service if it names any,
 * counts. `what` is how the page calls the differences that one entry explains.
 */
const EXPLANATIONS = [
  {
    difference: /^config\.json: crons$/,
    what: '`crons: []` in `config.json`',
    because:
      'The vendor writes an empty list. Crons of services are in the top-level `config.json` in both outputs, and svc writes the key only where there are any.',
  },
  {
    difference: /^(config\.json|function settings): framework$/,
    what: '`framework` in `config.json` and in `.vc-config.json`',
    because:
      'svc also notes the framework that it found and its installed version. The field is one of Build Output, for dashboards; nothing runs differently by it.',
  },
  {
    services: ['Static files'],
    difference: /^config\.json: overrides$/,
    what: '`overrides`',
    because:
      '`cleanUrls` of a service: the vendor writes the redirects from `/page.html` to `/page` but not the overrides that make `/page` a file, so each page redirects to a 404. svc writes both.',
  },
  {
    services: ['Hono'],
    difference: /^config\.json: routes$/,
    what: 'routes',
    because:
      'The vendor finds out during the build which routes the app declares, and adds each before the route that matches every path; all lead to the same function. Requests reach the same function either way, and svc runs no code of an app to build it.',
  },
  {
    services: NODE,
    difference: /^function settings: runtime$/,
    what: '`runtime`',
    because:
      'Without `engines.node` the vendor writes its newest version, whichever Node is installed. svc writes `nodejs22.x`, or the highest of 20, 22 and 24 that `engines.node` admits.',
  },
  {
    services: NODE,
    difference: /^function settings: (supportsResponseStreaming|shouldDisableAutomaticFetchInstrumentation)$/,
    what: '`supportsResponseStreaming`, `shouldDisableAutomaticFetchInstrumentation`',
    because:
      "svc declares that the function streams: its start file answers as the app writes. The other setting has its default value in the vendor's output, and is left out in ours.",
  },
  {
    services: NODE,
    difference: /^only svc: function file .*\.mjs\.map$/,
    what: 'source maps',
    because: 'svc ships a source map beside the bundle, so that stack traces name the lines of the sources.',
  },
  {
    services: NODE,
    difference: /^only svc: function file .*\/svc-start\.mjs$/,
    what: '`svc-start.mjs`',
    because:
      'The first module of the bundle: it goes to the folder that the service has in the function, so that files named relative to the working directory are found.',
  },
  {
    services: NODE,
    difference: /^only svc: function file node_modules\/.*\/require\.mjs$/,
    what: 'files of packages with `module-sync` exports',
    because:
      "Node 20.19 and later load these files where a package exports them under the condition `module-sync`. The vendor's tracing, when it runs on Node 20, leaves them out, and the function dies when it is imported.",
  },
  {
    services: NODE,
    difference: /^only vendor: function file (_virtual\/|packages\/|.*\.mjs$)/,
    what: "modules of the vendor's bundle",
    because:
      "The vendor's bundler (rolldown) keeps each source module, and helpers in `_virtual`, as files; svc bundles the sources of the service and of its workspace packages into one.",
  },
  {
    services: PYTHON,
    difference: /^config\.json: routes$/,
    what: 'routes',
    because:
      "The vendor's catch-all stands in the phase `rewrite`; ours stands after the file system, as it does for Node and Go. A service without static files answers the same requests by either.",
  },
  {
    services: PYTHON,
    difference: /^only (svc|vendor): function file _vendor\/vercel_runtime/,
    what: "the platform's runtime for Python, `vercel_runtime`",
    because:
      "svc installs the newest release of the package, the vendor's CLI the one that it was released with, and without its type stubs and licences.",
  },
  {
    services: PYTHON,
    difference: /^only svc: function file (_svc\/|vc_server)/,
    what: '`_svc`',
    because:
      "svc's own server, which serves the app where the platform's launcher is not: `svc start`, or any machine that sets `PORT`. The vendor's function can be started by the platform only.",
  },
  {
    services: PYTHON,
    difference:
      /^only svc: function file _vendor\/.*(py\.typed|\.pyi|dist-info\/(WHEEL|METADATA|RECORD|licenses\/.*))$/,
    what: 'type stubs and metadata of packages',
    because:
      'The vendor leaves out type stubs, markers of typed packages and `WHEEL` files. svc ships packages as they are, because some look up their own metadata or stubs when they run; together they are a few kilobytes.',
  },
  {
    services: PYTHON,
    difference: /^only vendor: function file _vendor\/(pip|setuptools|wheel)(\/|-)/,
    what: 'pip',
    because:
      "The vendor's virtual environment has pip in it, and its packages are shipped as they are. svc installs into an empty folder.",
  },
  {
    services: PYTHON,
    difference: /^only vendor: function file _vendor\/.*dist-info\/(REQUESTED|INSTALLER|direct_url\.json)$/,
    what: 'notes of the installer',
    because:
      'They say how and when a package was installed on the building machine; svc leaves them out, so that the same packages give the same function everywhere.',
  },
  {
    services: PYTHON,
    difference: /^only vendor: function file (pyproject\.toml|uv\.lock)$/,
    what: '`pyproject.toml`, `uv.lock`',
    because:
      'The vendor makes a project for uv out of `requirements.txt`, in the checkout, and ships it. svc installs from the file that is there and writes nothing into the sources.',
  },
  {
    services: ['Next.js', 'Next.js, small'],
    difference: /^only vendor: static file _next\/__private\/trace$/,
    what: '`_next/__private/trace`',
    because:
      "A record of what took how long in the build, with paths of the building machine. The vendor's platform collects it, and a route answers 404 to everybody else; svc leaves it out, and keeps the route.",
  },
];

const used = new Set();

/** The entry that explains a difference, or undefined where there is none yet. */
export function explain({ title }, name) {
  const found = EXPLANATIONS.find(
    ({ services, difference }) => (!services || services.includes(title)) && difference.test(name),
  );
  if (found) used.add(found);
  return found;
}

export function unusedExplanations() {
  return EXPLANATIONS.filter(each => !used.has(each)).map(
    ({ what, services }) => `${services ?? '*'}: ${what}`,
  );
}
