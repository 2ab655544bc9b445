/** An image's configuration, as far as svc looks into it (OCI image specification, `config.md`). */
export interface ImageConfig {
  readonly architecture?: string;
  readonly variant?: string;
  readonly os?: string;
  readonly created?: string;
  readonly config?: ImageSettings;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly HistoryEntry[];
}

export interface ImageSettings {
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
  readonly [key: string]: unknown;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly empty_layer?: boolean;
  readonly [key: string]: unknown;
}

/** The fields of `config` that the specification knows, and `Healthcheck` and `Shell`, which docker adds. */
const SETTINGS = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'Shell',
];

/**
 * Which layers the build itself has copied together, so that their times say nothing but when it ran. Layers of the base
 * image keep their digests, under which registries and engines have them already; layers of `RUN` keep their times, on
 * which compiled files (`.pyc`) depend.
 *
 * @param own how many of the last entries of the history are the Dockerfile's.
 */
export function copiedLayers(config: ImageConfig, own: number): boolean[] {
  const history = config.history ?? [];
  const first = Math.max(0, history.length - own);
  return history.flatMap((entry, index) => {
    if (entry.empty_layer) return [];
    return [index >= first && /(?:^|#\(nop\)\s+)(?:COPY|ADD|WORKDIR)\s/.test(entry.created_by ?? '')];
  });
}

/**
 * The same configuration without what differs from build to build: times of this build, ids of intermediate containers.
 *
 * @param diffIds digests of the layers as they are now.
 * @param time ISO 8601.
 */
export function steadyConfig(
  config: ImageConfig,
  diffIds: readonly string[],
  own: number,
  time: string,
): ImageConfig {
  const history = config.history ?? [];
  const first = Math.max(0, history.length - own);
  const settings = config.config ?? {};
  return {
    created: time,
    ...(config.architecture === undefined ? {} : { architecture: config.architecture }),
    ...(config.variant === undefined || config.variant === '' ? {} : { variant: config.variant }),
    ...(config.os === undefined ? {} : { os: config.os }),
    config: Object.fromEntries(
      SETTINGS.flatMap(key =>
        settings[key] === undefined || settings[key] === null ? [] : [[key, settings[key]]],
      ),
    ),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history.map((entry, index) => (index < first ? entry : { ...entry, created: time })),
  };
}

/** The lowest exposed TCP port, else 3000 (section 5.1 of the services reference). */
export function portOf(settings: ImageSettings | undefined): number {
  const ports = Object.keys(settings?.ExposedPorts ?? {})
    .filter(name => !name.includes('/') || name.endsWith('/tcp'))
    .map(name => Number.parseInt(name, 10))
    .filter(port => port > 0);
  return ports.length === 0 ? 3000 : Math.min(...ports);
}
