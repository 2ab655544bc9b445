import type { Failure, SvcEvent } from '@svc/contracts';
import { renderFailure } from './failure.ts';
import { LiveState } from './live-state.ts';
import { tableLines } from './live-table.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { Screen } from './screen.ts';
import { styleFor } from './style.ts';
import { renderNotices, renderSummary } from './summary.ts';
import { Unshown } from './unshown.ts';

/** Milliseconds between two drawings: ten a second look alive and cost nothing, even with many services. */
const REDRAW = 100;
const USUAL_ROWS = 24;

/** For a person at a terminal: a table of services that is redrawn in place, and then what remains to be said. */
export function liveRenderer({ stderr, color, columns, now }: ReporterOptions): Reporter {
  const style = styleFor(color);
  const state = new LiveState();
  const unshown = new Unshown();
  const screen = new Screen(stderr, columns);
  let timer: NodeJS.Timeout | undefined;

  const draw = () => {
    const space = { columns: columns(), rows: stderr.rows ?? USUAL_ROWS };
    screen.draw(tableLines([...state.rows.values()], space, now(), style));
  };
  const stop = (lines: readonly string[]) => {
    clearInterval(timer);
    timer = undefined;
    screen.leave(lines);
  };
  /** The lines before a failure: what it keeps is often less than what there was. */
  const withOutput = (failure: Failure): Failure => {
    const output = state.outputOf(failure.service);
    return output.length > (failure.output?.length ?? 0) ? { ...failure, output } : failure;
  };

  return {
    emit(event: SvcEvent) {
      state.apply(event, now());
      switch (event.type) {
        case 'run.started':
          draw();
          // Drawing must not keep a program alive that has nothing else to do.
          timer ??= setInterval(draw, REDRAW).unref();
          break;
        case 'warning':
        case 'cache.rejected':
          unshown.add(event);
          break;
        case 'failure': {
          const failures = unshown
            .takeFailures([event.failure])
            .map(failure => renderFailure(failure, { color }));
          screen.leave([
            ...renderNotices(unshown.takeNotices(), { color }),
            ...failures.flatMap(text => [text, '']),
          ]);
          break;
        }
        case 'run.finished': {
          const failures = unshown.takeFailures(event.summary.failures).map(withOutput);
          stop(renderSummary(event.summary, { color, notices: unshown.takeNotices(), failures }));
          break;
        }
        default:
      }
    },
    close: () => stop(renderNotices(unshown.takeNotices(), { color })),
  };
}
