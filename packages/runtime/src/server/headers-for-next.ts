import { randomUUID } from 'node:crypto';
import type { FunctionDecision } from '@svc/router';
import type { HeaderList } from '../http/header-list.ts';

/**
 * What Next.js is told of a request beside what the client says: with which of its routes the lookup ended, and an id of the
 * invocation. Without the id it answers for 10 seconds with what it has rendered before, however it is asked to make a page
 * anew (Next.js 16, `dist/server/response-cache`); requests with the same id get what was rendered for the first of them.
 */
export function headersForNext({ matchedPath }: Pick<FunctionDecision, 'matchedPath'>): HeaderList {
  return [
    ['x-matched-path', matchedPath],
    ['x-invocation-id', randomUUID()],
  ];
}
