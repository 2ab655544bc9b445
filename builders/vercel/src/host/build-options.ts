import { join, relative } from 'node:path';
import type { HostRequest } from './protocol.ts';
import { sourceFiles } from './source-files.ts';

/** The vendor's CLI whose builders svc pins: some ask who is calling. */
const CLI_VERSION = '64.0.2';

/** What the vendor's CLI passes to `build` for a service (section 4 of the services reference). */
export async function buildOptions({ input, boundary, root }: HostRequest): Promise<object> {
  const { service, framework, functions, buildCommand, installCommand, outputDirectory } = input;
  const workspace = relative(boundary, root);
  const hasFunctions = Object.keys(functions).length > 0;
  return {
    files: await sourceFiles(root, input.caches),
    entrypoint: input.entrypoint,
    workPath: root,
    repoRootPath: boundary,
    config: {
      zeroConfig: true,
      ...(framework === null ? {} : { framework }),
      ...(outputDirectory === null ? {} : { outputDirectory }),
      ...(workspace === '' ? {} : { workspace }),
      ...(hasFunctions ? { functions, serviceName: service } : {}),
      projectSettings: { framework, buildCommand, installCommand },
      // An empty command is the contract's way to say that there is nothing left to install.
      ...(input.isInstalled ? { installCommand: '' } : installCommand === null ? {} : { installCommand }),
      ...(buildCommand === null ? {} : { buildCommand }),
    },
    meta: {
      skipDownload: true,
      cliVersion: CLI_VERSION,
      runNpmInstallSet: new Set(input.isInstalled ? [join(root, 'package.json')] : []),
    },
    service: { name: service, workspace: workspace === '' ? '.' : workspace },
  };
}
