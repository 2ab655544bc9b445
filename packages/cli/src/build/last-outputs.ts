import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project, ServiceOutput } from '@svc/contracts';
import type { ServiceResult } from '@svc/queue';

/**
 * Where each service's last finished output is. Usually in the deployment; when a run fails, what its other services have
 * finished is put aside in `.svc/outputs`, so that building only the failed one afterwards completes the deployment.
 */
export class LastOutputs {
  readonly #aside: string;
  readonly #deployed: (service: string) => string;

  constructor(project: Project, target: string) {
    this.#aside = join(project.directory, '.svc', 'outputs');
    // The one service of a repository without `services` is the deployment.
    this.#deployed = service => (project.kind === 'app' ? target : join(target, 'services', service));
  }

  has(service: string): boolean {
    return this.#isAside(service) || existsSync(join(this.#deployed(service), 'config.json'));
  }

  /** Services with an output that no deployment holds. */
  aside(services: readonly string[]): Set<string> {
    return new Set(services.filter(service => this.#isAside(service)));
  }

  /** Of the services that a run keeps, those whose output is not in the deployment; the newest output counts. */
  notDeployed(kept: readonly string[]): ServiceOutput[] {
    return kept
      .filter(service => this.#isAside(service))
      .map(service => ({ service, directory: join(this.#aside, service) }));
  }

  /** Absolute path of the output that was put aside for a service; undefined when there is none. */
  asideOf(service: string): string | undefined {
    return this.#isAside(service) ? join(this.#aside, service) : undefined;
  }

  async putAside(services: readonly ServiceResult[]): Promise<void> {
    await mkdir(this.#aside, { recursive: true });
    for (const { name, output } of services) {
      if (!output) continue;
      await rm(join(this.#aside, name), { recursive: true, force: true });
      await rename(output, join(this.#aside, name));
    }
  }

  /** Once a deployment holds everything, nothing is left to keep aside. */
  async clear(): Promise<void> {
    await rm(this.#aside, { recursive: true, force: true });
  }

  #isAside(service: string): boolean {
    return existsSync(join(this.#aside, service, 'config.json'));
  }
}
