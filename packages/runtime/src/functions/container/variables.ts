/** Variables that say where things are on this machine: inside a container they would be wrong. */
const OF_THIS_MACHINE =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|HOSTNAME|TERM|TERM_.*|COLORTERM|SHLVL|EDITOR|VISUAL|PAGER|MAIL|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LC_.*|XDG_.*|DBUS_.*|SSH_.*|GPG_.*|DISPLAY|WAYLAND_.*|LD_.*|DYLD_.*|DOCKER_.*|NODE|NODE_OPTIONS|NODE_PATH|NVM_.*|npm_.*|PYENV_.*|VIRTUAL_ENV|PYTHON.*|GOPATH|GOROOT|CARGO_HOME|RUSTUP_.*|INIT_CWD|VITEST.*|SVC_.*)$/;

export interface VariableSources {
  /** A function's whole environment, this machine's included. */
  readonly all: Readonly<Record<string, string>>;
  /** What was meant for the function: of env files, of the deployment, of bindings. */
  readonly given: Readonly<Record<string, string>>;
  /** Names that the image sets itself. */
  readonly ofImage: ReadonlySet<string>;
}

/**
 * The variables that a container is given. What was meant for it is given in any case; of the rest, what only makes sense
 * on this machine is left out, and an image's own value is kept: it may depend on its `PATH`.
 */
export function containerVariables({ all, given, ofImage }: VariableSources): Record<string, string> {
  const inherited = Object.entries(all).filter(
    ([name]) => /^[A-Za-z_]\w*$/.test(name) && !OF_THIS_MACHINE.test(name) && !ofImage.has(name),
  );
  return { ...Object.fromEntries(inherited), ...given };
}

export function isOfThisMachine(name: string): boolean {
  return OF_THIS_MACHINE.test(name);
}
