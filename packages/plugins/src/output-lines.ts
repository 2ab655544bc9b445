import type { Emit } from '@svc/contracts';

/** What a builder's code may print in one call before it is stopped, in characters. */
const MOST_PRINTED = 8 * 1024 * 1024;
/** How many of its lines are shown. */
const MOST_SHOWN = 1000;
const REMEMBERED = 20;

export interface Printing {
  line(stream: 'stdout' | 'stderr', line: string): void;
  /** Its last lines, oldest first. */
  readonly last: readonly string[];
  end(ok: boolean, duration: number): void;
}

/**
 * Tells what a builder's own code prints as the output of a step, as much as anybody would read of it.
 *
 * @param flooded called once, when it has printed more than any builder has to say.
 */
export function printing(
  step: { readonly id: string; readonly label: string; readonly service: string | null },
  emit: Emit,
  flooded: () => void,
): Printing {
  const { id, label, service } = step;
  const last: string[] = [];
  let printed = 0;
  let lines = 0;
  const tell = (stream: 'stdout' | 'stderr', line: string) =>
    emit({ type: 'step.output', step: id, service, stream, line });
  return {
    last,
    line(stream, line) {
      if (printed > MOST_PRINTED) return;
      printed += line.length + 1;
      last.push(line.slice(0, 500));
      if (last.length > REMEMBERED) last.shift();
      // A builder that prints nothing is no step to anybody.
      if (lines === 0)
        emit({ type: 'step.started', step: id, service, services: service === null ? [] : [service], label });
      if (lines++ < MOST_SHOWN) tell(stream, line);
      if (printed > MOST_PRINTED) flooded();
    },
    end(ok, duration) {
      if (lines === 0) return;
      if (lines > MOST_SHOWN) tell('stderr', `… ${lines - MOST_SHOWN} more lines are not shown`);
      emit({ type: 'step.finished', step: id, service, ok, exitCode: ok ? 0 : null, duration });
    },
  };
}
