import type { SvcEvent } from '@svc/contracts';
import { renderFailure } from './failure.ts';
import { LogLines, Prefixes, startText } from './lines.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { styleFor } from './style.ts';
import { renderNotices, renderSummary } from './summary.ts';
import { Unshown } from './unshown.ts';

/** A log: every line as it comes, after the name of its service. For files, pipes and CI systems that fold nothing. */
export function plainRenderer({ stderr, color }: ReporterOptions): Reporter {
  const style = styleFor(color);
  const log = new LogLines(style, color);
  const prefixes = new Prefixes(style);
  const unshown = new Unshown();
  const print = (lines: readonly string[]) => {
    if (lines.length > 0) stderr.write(`${lines.join('\n')}\n`);
  };
  return {
    emit(event: SvcEvent) {
      switch (event.type) {
        case 'run.started':
          prefixes.align(event.services);
          print([startText(event)]);
          break;
        case 'warning':
        case 'cache.rejected':
          unshown.add(event);
          break;
        case 'failure':
          print(renderNotices(unshown.takeNotices(), { color }));
          for (const failure of unshown.takeFailures([event.failure]))
            print([renderFailure(failure, { color }), '']);
          break;
        case 'run.finished': {
          const failures = unshown.takeFailures(event.summary.failures);
          print(['', ...renderSummary(event.summary, { color, notices: unshown.takeNotices(), failures })]);
          break;
        }
        default: {
          const line = log.lineOf(event);
          if (line) print([prefixes.line(line)]);
        }
      }
    },
    close: () => print(renderNotices(unshown.takeNotices(), { color })),
  };
}
