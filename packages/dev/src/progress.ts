import type { EmitDev, ServiceState } from './events.ts';

interface Progressing {
  readonly name: string;
  readonly state: ServiceState;
}

/**
 * Tells when it is clear of every service whether it runs, and where some do not at first, once more when all do. After that
 * each service speaks for itself.
 */
export class Progress {
  private isSettled = false;
  private isComplete = false;

  constructor(private readonly emit: EmitDev) {}

  /** Called after every change. */
  look(services: readonly Progressing[]): void {
    const wanted = services.filter(({ state }) => state !== 'off');
    const ready = namesOf(wanted, 'ready');
    const failed = namesOf(wanted, 'failed');
    const areAllReady = ready.length === wanted.length;
    const isNews = areAllReady ? !this.isComplete : !this.isSettled;
    if (wanted.length === 0 || !isNews || ready.length + failed.length < wanted.length) return;
    this.isSettled = true;
    this.isComplete = areAllReady;
    this.emit({ type: 'dev.settled', ready, failed });
  }
}

function namesOf(services: readonly Progressing[], state: ServiceState): string[] {
  return services.filter(service => service.state === state).map(({ name }) => name);
}
