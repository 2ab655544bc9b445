import type { Builder, DevelopmentPlan, PlanRequest } from '@svc/builder-kit';
import type { Notice, Project, Result, ServicePlan } from '@svc/contracts';
import type { Checkout } from './checkout.ts';
import type { InputFinder } from './inputs.ts';
import type { Workspaces } from './packages/workspace.ts';
import type { InstallNeed } from './steps/install-steps.ts';
import type { StepSeed } from './steps/service-steps.ts';

/** What the planning of all services shares. */
export interface Planning {
  readonly project: Project;
  /** Path from the boundary to the project's folder. */
  readonly prefix: string;
  readonly checkout: Checkout;
  readonly workspaces: Workspaces;
  readonly inputs: InputFinder;
  readonly builders: readonly Builder[];
  /** Builders that `svc.json` names, by its words for them, or why one cannot be had. */
  readonly plugins: ReadonlyMap<string, Result<Builder>>;
  /** Variables that the caller has set and that no step receives unless a service asks for them. */
  readonly callerVariables: ReadonlySet<string>;
  /** Asks how a service runs from its sources; absent when a build is planned. */
  readonly develop?: (builder: Builder, request: PlanRequest) => Promise<Result<DevelopmentPlan>>;
}

/** One service, planned but for its steps' place among those of the others. */
export interface PlannedService {
  readonly plan: Omit<ServicePlan, 'steps'>;
  readonly install: InstallNeed | null;
  readonly seed: StepSeed;
  readonly warnings: readonly Notice[];
  /** Present when it was asked for. */
  readonly development?: DevelopmentPlan;
}
