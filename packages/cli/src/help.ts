interface CommandHelp {
  /** One line for the overview. */
  readonly summary: string;
  readonly help: string;
}

/** The order is that of a project's life: look, build, hand over. */
export const COMMANDS: Readonly<Record<string, CommandHelp>> = {
  plan: {
    summary: 'Show what a build would do, and why',
    help: `svc plan [DIR] [--json]

Shows for every service its framework and how that was found out, its commands, entrypoint, package manager and inputs.
Nothing is built, nothing is executed, nothing is downloaded.

  DIR      A project, or any folder in one. Default: the folder you are in.
  --json   The plan as JSON (schema: plan.schema.json)

Examples
  svc plan
  svc plan --json | jq '.services[].framework'`,
  },
  build: {
    summary: 'Build all services into one deployment directory',
    help: `svc build [DIR] [options]

Builds every service of the project, all at the same time and each in isolation, and puts the results together as one
deployment directory (Build Output API v3). When anything fails, the last good deployment stays as it is.

  DIR                  A project, or any folder in one. Default: the folder you are in.
  --output DIR         Where the deployment goes. Default: .vercel/output in the project.
  --filter NAME,…      Build only these services; the others keep their last output.
  --concurrency N      How many steps run at a time. Default: as many as there are cores.
  --env-file FILE      A file of NAME=value lines whose variables every service's build receives. May be repeated.
  --isolation LEVEL    How builds are kept apart. Default: auto.
                         auto     the best that this machine allows: mounts, else copies
                         copy     a working copy of its own for each service or workspace
                         strict   as auto with mounts, and: no network in builds, a read-only system, undeclared
                                  reads fail and are named
                         none     in the checkout itself
  --engine NAME        What builds container images: docker or buildah. Default: the first that works. (SVC_ENGINE)
  --registry NAME      Push images to this registry and refer to them by digest, such as ghcr.io/acme/shop. Default:
                       the deployment carries them. (SVC_REGISTRY)
  --force              Build everything, installs included, and store the results anew.
  --no-cache           Build everything, and neither use nor store results.
  --cache PLACES       What may be done where: local:rw,remote:r. A place that is not named is left alone.
                       Default: local:rw,remote:rw. Same as the variable SVC_CACHE.
  --json               One event a line on standard output, for programs.

Examples
  svc build
  svc build --filter web,api
  svc build --isolation strict --concurrency 4`,
  },
  explain: {
    summary: 'Show why the last build built a service, or did not',
    help: `svc explain [SERVICE] [--json]

Says for each service of the last build whether its result was there already or had to be built, and in that case which files,
variables, programs or settings differ from the build before; most telling first. Nothing is built.

  SERVICE   A name from the configuration. Default: all services.
  --json    The same for programs.`,
  },
  cache: {
    summary: 'Show, prune or check what this machine keeps of earlier builds',
    help: `svc cache [status | prune | verify] [--max-size SIZE]

Results of builds are kept in your cache folder, for all projects together: one for each service and one for each
deployment as a whole.

  status       Where it is, how much it holds, and what results are shared and trusted. This is the default.
  prune        Remove what was not used for the longest time until the rest fits. svc build does it once a day.
  verify       Check all of it against its digests and, where a key is set, its signatures. Ends with 40 when
               something is not as it was stored.
  --max-size   For prune: how much may stay, such as 500MB. Default: SVC_CACHE_SIZE, or 10GB.

Examples
  svc cache
  svc cache prune --max-size 0`,
  },
  start: {
    summary: 'Run a deployment on this machine',
    help: `svc start [DIR | OUTPUT | ARCHIVE] [options]

Runs a deployment: static files, functions, the public routes and the private bindings between services. The directory may
come from svc build or from another tool that writes Build Output v3. Ctrl-C ends it, and every process of it.

  DIR | OUTPUT | ARCHIVE   A project (its .vercel/output is run), a deployment directory, or an archive of svc pack.
                           Default: the folder you are in.
  --port N                 Default: 3000, or the next free one.
  --host H                 Default: this machine only. 0.0.0.0 opens it to the network.
  --eager                  Start all functions at once instead of each with its first request.
  --env-file FILE          Variables for all functions. May be repeated.
  --log text|json|off      How requests are logged. Default: text.
  --usage                  Print a table at the end: invocations, time, memory, bytes, calls between services.
  --admin-port N           Metrics for Prometheus on http://127.0.0.1:N/metrics.
  --protect                Ask visitors for the password in SVC_PASSWORD, or for the token in
                           VERCEL_AUTOMATION_BYPASS_SECRET; without either, it is asked for here.
  --password-file FILE     The same with the password in a file.

Examples
  svc start
  svc start deployment.tgz --port 8080 --eager`,
  },
  dev: {
    summary: 'Run all services from their sources',
    help: `svc dev [DIR] [options]

Runs every service from its sources behind the project's routes, with bindings, hot reload and WebSockets: a devCommand
where there is one, else the framework's development server, else svc's own way for the language. Missing dependencies are
installed first. Edits of sources and of the configuration apply at once.

  DIR           A project, or any folder in one. Default: the folder you are in.
  --port N      Default: 3000, or the next free one.
  --host H      Default: this machine only. 0.0.0.0 opens it to the network.
  --only NAME,… Start only these services. Requests for the others are answered with 503.
  --json        One event a line on standard output, for programs.
  -L, --local   Accepted for the vendor's command line; svc dev never leaves this machine.

Keys, on a terminal: h help, r restart all, s state of the services, l log requests, q quit.

Examples
  svc dev
  svc dev --only web,api --port 8080`,
  },
  route: {
    summary: 'Show why a request goes where it goes',
    help: `svc route METHOD PATH [DIR] [-H 'name: value']

Decides where a deployment would send a request and shows every rule that was looked at, those that did not match included.
Nothing is started.

  METHOD PATH   As on the request line: GET '/api/users?page=2'
  DIR           A project, a deployment directory or an archive. Default: the folder you are in.
  -H            A header of the request. May be repeated.

Example
  svc route GET /docs -H 'accept-language: de'`,
  },
  pack: {
    summary: 'Pack the deployment into one archive',
    help: `svc pack [DIR] [--file FILE] [--format tgz|tar.zst]

Packs a deployment directory into one archive, the preview artifact: the same deployment always gives the same bytes.
The archive carries the digest of every file.

  DIR        A project (its .vercel/output is packed) or a deployment directory. Default: the folder you are in.
  --file     Where the archive goes. Default: deployment.tgz (or .tar.zst) in the folder you are in.
  --format   tgz (default), or tar.zst, which is smaller and faster where zstd is there.`,
  },
  verify: {
    summary: 'Check a deployment directory or an archive against its digests',
    help: `svc verify [DIR | ARCHIVE]

Checks every file of a deployment against the digests that were written when it was built, and names the first
difference. Exit code 0 when all is as it was.

  DIR | ARCHIVE   A project, a deployment directory or an archive. Default: the folder you are in.`,
  },
  builder: {
    summary: 'Make a builder of your own, for a language that svc does not know',
    help: `svc builder new NAME [--dir DIR]

Writes a small builder, complete and with a test that passes, to start from: a JavaScript module that says what is to be
done for a service, a step that does it, and what answers the requests. It needs no publishing: svc.json names its folder.

  NAME    What it is called: lower-case letters, digits, hyphens.
  --dir   Where it goes; nothing is overwritten. Default: tools/NAME in the folder you are in.

Examples
  svc builder new lua
  svc builder new lua --dir packages/svc-lua`,
  },
  unpack: {
    summary: 'Unpack an archive, trusting nothing in it',
    help: `svc unpack ARCHIVE DIR

Unpacks a preview artifact into a new folder. Archives that try to write outside of it, or that hold what a deployment
does not (devices, set-user-id files, links that leave it), are refused, and nothing is left behind.

  ARCHIVE   A file made by svc pack.
  DIR       A folder that does not exist yet, or is empty.`,
  },
};

export function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(name => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}   ${summary}`);
  return `svc builds the services of a repository, in whatever languages, into one deployment.

Usage: svc COMMAND [options]

${lines.join('\n')}

svc COMMAND --help tells about one command. svc --version prints the version.

Start with \`svc plan\` in a folder with a vercel.json.`;
}
