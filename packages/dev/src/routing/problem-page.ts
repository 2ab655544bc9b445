import { finishHeaders } from '@svc/router';
import { asNodeHeaders, type Problem, type Visit, withId } from '@svc/runtime';
import type { DevService } from '../service/dev-service.ts';

/** Seconds after which a page looks again by itself: the service is coming up, or being repaired. */
const LOOK_AGAIN = 2;

/**
 * Shows what is wrong with a service to who is working on it: a page for browsers, text for everything else, with the last
 * lines that the service has written. Both have the failures and the place that they name.
 */
export function showProblem(visit: Visit, { status, rules, problem }: Problem, service: DevService): void {
  const { request, response, origin } = visit;
  // Files that had to be made first: now there is something else to decide.
  if (service.state === 'ready' && service.servesFiles) {
    response.writeHead(307, { location: visit.target, 'cache-control': 'no-store' }).end();
    return;
  }
  const isComing = service.state !== 'failed' && service.state !== 'ready' && service.state !== 'off';
  const shown = { ...describe(service, problem, isComing), id: origin.id };
  const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '') && !visit.upgrade;
  const body = Buffer.from(wantsPage ? pageOf(shown, isComing || service.state === 'failed') : textOf(shown));
  const headers: [string, string][] = [
    ['content-type', `text/${wantsPage ? 'html' : 'plain'}; charset=utf-8`],
    ['content-length', String(body.length)],
    ['cache-control', 'no-store'],
    ['x-vercel-error', 'FUNCTION_INVOCATION_FAILED'],
    ...(isComing ? ([['retry-after', String(LOOK_AGAIN)]] as [string, string][]) : []),
  ];
  response.writeHead(
    isComing || service.state === 'off' ? 503 : status,
    asNodeHeaders(withId(finishHeaders(rules, headers), origin.id)),
  );
  response.end(request.method === 'HEAD' ? undefined : body);
  visit.bytes = request.method === 'HEAD' ? 0 : body.length;
}

interface Shown {
  readonly title: string;
  readonly messages: readonly string[];
  readonly hint: string;
  readonly lines: readonly string[];
  readonly id: string;
}

function describe(service: DevService, problem: string, isComing: boolean): Omit<Shown, 'id'> {
  const { name, state, failures } = service;
  if (state === 'failed') {
    const places = failures.map(({ message, help, position }) =>
      [message, position && `${position.file}:${position.line}:${position.column}`, help]
        .filter(part => part !== undefined)
        .join('\n'),
    );
    return {
      title: `The service ${name} is not running`,
      messages: places,
      hint: 'It starts again when one of its files changes.',
      lines: failures.find(({ output }) => output !== undefined)?.output ?? service.lines.last,
    };
  }
  const title = isComing ? `The service ${name} is starting` : `The service ${name} did not answer`;
  return {
    title,
    messages: [state === 'ready' ? problem : service.explain()],
    hint: isComing ? 'This page looks again by itself.' : '',
    lines: service.lines.last,
  };
}

function textOf({ title, messages, hint, lines, id }: Shown): string {
  const parts = [title, ...messages, lines.length > 0 ? `\n${lines.join('\n')}\n` : '', hint, `id: ${id}`];
  return `${parts.filter(part => part !== '').join('\n')}\n`;
}

/** Without scripts or anything else that would have to be fetched. */
function pageOf({ title, messages, hint, lines, id }: Shown, looksAgain: boolean): string {
  const refresh = looksAgain ? `<meta http-equiv="refresh" content="${LOOK_AGAIN}">` : '';
  const output = lines.length > 0 ? `<pre>${lines.map(escaped).join('\n')}</pre>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${refresh}
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.4rem; }
p { white-space: pre-wrap; }
pre { background: #16161a; color: #f2f2f2; padding: 1rem; overflow: auto; font-size: 13px; line-height: 1.4; }
small { color: #666; }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${messages.map(message => `<p>${escaped(message)}</p>`).join('\n')}
${output}
<p>${escaped(hint)}</p>
<small>svc dev, ${escaped(id)}</small>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
}
