import type { SvcEvent } from '@svc/contracts';
import { ownerOf } from './lines.ts';
import { cleanLine } from './text.ts';

/** Lines of a step that are held in case it fails. */
const HELD_LINES = 50;

/** What the table says of a service, or of a step that several services share. */
export interface Row {
  readonly name: string;
  state: 'waiting' | 'running' | 'done' | 'kept' | 'failed';
  /** What it is doing, or how it ended. */
  step: string;
  /** The last line of output. */
  line: string;
  /** When it began, in the reporter's milliseconds. */
  since: number;
  /** How long it took, once it has ended. */
  duration?: number;
}

/** The state of a run, as the live table shows it. */
export class LiveState {
  readonly rows = new Map<string, Row>();
  readonly #labels = new Map<string, string>();
  readonly #output = new Map<string, string[]>();
  /** The last lines of what failed, by service. */
  readonly #failed = new Map<string, readonly string[]>();

  apply(event: SvcEvent, now: number): void {
    switch (event.type) {
      case 'run.started':
        for (const name of event.services) this.#row(name, name, now);
        break;
      case 'service.started':
        this.#row(event.service, event.service, now).since = now;
        break;
      case 'step.started': {
        const row = this.#row(event.service ?? event.step, ownerOf(event), now);
        // A service that waited begins with its first step.
        if (row.state === 'waiting') row.since = now;
        row.state = 'running';
        row.step = cleanLine(event.label, false);
        row.line = '';
        this.#labels.set(event.step, row.step);
        break;
      }
      case 'step.output': {
        const row = this.#row(event.service ?? event.step, ownerOf(event), now);
        const line = cleanLine(event.line, false);
        if (line.trim() !== '') row.line = line;
        this.#hold(event.step, event.line);
        break;
      }
      case 'step.finished':
        if (event.service === null) this.rows.delete(event.step);
        if (!event.ok && event.service !== null) {
          this.#failed.set(event.service, this.#output.get(event.step) ?? []);
        }
        this.#output.delete(event.step);
        break;
      case 'service.finished':
        this.#end(event.service, 'done', '', event.duration, now);
        break;
      case 'service.kept':
        this.#end(event.service, 'kept', 'kept its last output', undefined, now);
        break;
      case 'cache.hit':
        if (event.from !== 'output')
          this.#end(event.service, 'kept', `restored from the ${event.from} cache`, undefined, now);
        break;
      case 'service.failed':
        this.#end(event.service, 'failed', event.failure.message, event.duration, now);
        break;
      default:
    }
  }

  /** The last lines of the step that made a service fail. */
  outputOf(service: string | undefined): readonly string[] {
    return service === undefined ? [] : (this.#failed.get(service) ?? []);
  }

  #row(key: string, name: string, now: number): Row {
    const row = this.rows.get(key) ?? { name, state: 'waiting', step: '', line: '', since: now };
    this.rows.set(key, row);
    return row;
  }

  #end(service: string, state: Row['state'], step: string, duration: number | undefined, now: number): void {
    const row = this.#row(service, service, now);
    row.state = state;
    row.step = cleanLine(step.split('\n')[0] ?? '', false);
    row.line = '';
    if (duration !== undefined) row.duration = duration;
  }

  #hold(step: string, line: string): void {
    const lines = this.#output.get(step) ?? [];
    lines.push(line);
    if (lines.length > HELD_LINES) lines.shift();
    this.#output.set(step, lines);
  }
}
