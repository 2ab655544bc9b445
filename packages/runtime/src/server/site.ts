import type { ResponseRules, Router } from '@svc/router';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Tree } from '../deployment/read.ts';
import type { EmitRuntime } from '../events.ts';
import type { Instance } from '../functions/host.ts';
import type { Transform } from '../images/transform.ts';
import type { Meter } from '../metering/meter.ts';
import type { PageCache } from '../prerender/page-cache.ts';
import type { FileStore } from '../static/file-store.ts';
import type { Visit } from './visit.ts';

/** What takes a function's requests. */
export interface Host {
  /** The process that takes requests, started if there is none. @throws StartError when it does not come up. */
  acquire(): Promise<Instance>;
  /** The same for a process that can take a request at once; null when there is none. */
  acquireNow(): Instance | null;
  /** Lets a process finish what it does and stop; the next request gets a new one. For one that may be stuck. */
  retire(instance: Instance): void;
}

/** All that is needed to answer the requests of one deployment. */
export interface Site {
  readonly router: Router;
  /** The tree that a decision's `service` means. */
  tree(service: string | null): Tree;
  host(fn: DeployedFunction): Host;
  readonly files: FileStore;
  readonly pages: PageCache;
  readonly images: PageCache;
  /** Changes images; null when there is nothing to do it with, which is told once. */
  transform(): Transform | null;
  readonly meter: Meter;
  readonly emit: EmitRuntime;
  /**
   * Answers in place of a page for visitors: under `svc dev`, who asks is who wrote the code, and wants to see what is wrong.
   * @returns whether it has answered.
   */
  showProblem?(visit: Visit, problem: Problem): boolean;
}

/** Something on our side of an answer that went wrong. */
export interface Problem {
  readonly status: number;
  readonly rules: ResponseRules;
  readonly problem: string;
}
