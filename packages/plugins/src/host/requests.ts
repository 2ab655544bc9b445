import type { PlanRequest } from '@svc/builder-kit';
import type { ViewEntry, WorkingView } from '@svc/contracts';
import type { SentPlanRequest, ViewQuestion } from '../protocol.ts';

/** The request of `plan`, or of `develop` with what it has beyond that. */
export function planRequest({ scripts, ...request }: SentPlanRequest): PlanRequest {
  return { ...request, script: name => (Object.hasOwn(scripts, name) ? scripts[name] : undefined) };
}

/** The working view, asked over the channel. */
export function remoteView(ask: (question: ViewQuestion) => Promise<unknown>): WorkingView {
  const list = (path: string) => ask({ method: 'list', path }) as Promise<readonly ViewEntry[] | undefined>;

  /** The paths that `keep` keeps, found out on this side: a function cannot cross. */
  async function keptBelow(folder: string, keep: (path: string) => boolean): Promise<string[]> {
    const kept: string[] = [];
    for (const { name, kind } of (await list(folder)) ?? []) {
      const path = folder === '.' ? name : `${folder}/${name}`;
      if (!keep(path)) continue;
      kept.push(path);
      if (kind === 'directory') kept.push(...(await keptBelow(path, keep)));
    }
    return kept;
  }

  return {
    stat: path => ask({ method: 'stat', path }) as ReturnType<WorkingView['stat']>,
    list,
    locate: path => ask({ method: 'locate', path }) as ReturnType<WorkingView['locate']>,
    async copy(path, to, keep) {
      const chosen = keep ? { kept: await keptBelow(path, keep) } : {};
      await ask({ method: 'copy', path, to, ...chosen });
    },
  };
}
