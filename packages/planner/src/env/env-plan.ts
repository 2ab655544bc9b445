import type { FrameworkInfo } from '@svc/builder-kit';
import type { EnvPlan, Failure, ServiceConfig } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { join } from '../paths.ts';
import { failure } from '../service/failure.ts';

/** The variables that a service's steps receive, and what is wrong with the files that are to hold some of them. */
export async function planEnv(
  checkout: Checkout,
  prefix: string,
  service: ServiceConfig,
  framework: FrameworkInfo | null,
): Promise<{ env: EnvPlan; failures: Failure[] }> {
  const { envFiles, env, secrets = [] } = service.local;
  const files = envFiles.map(file => join(prefix, file));
  const kinds = await Promise.all(files.map(file => checkout.kindOf(file)));
  const failures = envFiles
    .filter((_, index) => kinds[index] !== 'file')
    .map(file =>
      failure(service, 'config-invalid-env-file', 'local.envFiles', {
        message: `the env file "${file}" of service "${service.name}" does not exist`,
        help: 'The path in svc.json is relative to the folder of the project. Create the file or remove the entry.',
      }),
    );
  const prefixes = framework?.envPrefix ? [framework.envPrefix] : [];
  return { env: { names: [...new Set([...env, ...secrets])], prefixes, files }, failures };
}

const ENV_FILE_NAMES = ['.env', '.env.local', '.env.production', '.env.production.local'];

/** `.env*` files in a service's root that its framework reads in a production build, whether or not git ignores them. */
export async function frameworkEnvFiles(
  checkout: Checkout,
  directory: string,
  framework: FrameworkInfo | null,
): Promise<string[]> {
  if (!framework?.envPrefix) return [];
  const paths = ENV_FILE_NAMES.map(name => join(directory, name));
  const kinds = await Promise.all(paths.map(path => checkout.kindOf(path)));
  return paths.filter((_, index) => kinds[index] === 'file');
}
