import type { Router } from '@svc/router';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Tree } from '../deployment/read.ts';
import type { EmitRuntime } from '../events.ts';
import type { FunctionHost } from '../functions/host.ts';
import type { Transform } from '../images/transform.ts';
import type { Meter } from '../metering/meter.ts';
import type { PageCache } from '../prerender/page-cache.ts';
import type { FileStore } from '../static/file-store.ts';

/** All that is needed to answer the requests of one deployment. */
export interface Site {
  readonly router: Router;
  /** The tree that a decision's `service` means. */
  tree(service: string | null): Tree;
  host(fn: DeployedFunction): FunctionHost;
  readonly files: FileStore;
  readonly pages: PageCache;
  readonly images: PageCache;
  /** Changes images; null when there is nothing to do it with, which is told once. */
  transform(): Transform | null;
  readonly meter: Meter;
  readonly emit: EmitRuntime;
}
