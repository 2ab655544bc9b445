import type { IncomingMessage } from 'node:http';
import { cookiesOf } from '../http/cookies.ts';
import type { HeaderList } from '../http/header-list.ts';
import { ACCESS_COOKIE, accessCookies } from './access-cookie.ts';
import { Attempts } from './attempts.ts';
import { isEqual } from './is-equal.ts';
import { onThisSite, PASSWORD_PATH, passwordPage } from './password-page.ts';

export interface ProtectionOptions {
  /** What visitors type in; null when only the token lets them in. */
  readonly password: string | null;
  /** What programs send in `x-vercel-protection-bypass`; null for none. */
  readonly bypassToken: string | null;
}

/** What a visitor gets instead of what was asked for. */
export interface Refusal {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: string;
}

/** Stands before everything that the public can ask for, and before nothing else. */
export interface Guard {
  /** Null lets the request in. @param target path and query. */
  check(request: IncomingMessage, target: string, client: string): Promise<Refusal | null>;
}

const TOKEN = 'x-vercel-protection-bypass';
const SET_COOKIE = 'x-vercel-set-bypass-cookie';
/** Bytes of the form. */
const LARGEST_FORM = 16_384;

/** @param deployment what the cookies are good for. @param now milliseconds since 1970. */
export function guardOf(
  { password, bypassToken }: ProtectionOptions,
  deployment: string,
  now: () => number,
): Guard {
  const cookies = accessCookies([password ?? '', bypassToken ?? ''], deployment, now);
  const attempts = new Attempts(now);

  const submitted = async (request: IncomingMessage, client: string): Promise<Refusal> => {
    const form = new URLSearchParams(await readForm(request));
    const next = onThisSite(form.get('next') ?? '/');
    if (!attempts.isAllowed(client)) {
      const problem = 'Too many attempts. Wait a minute, then try again.';
      return asPage(429, passwordPage(next, problem), [['retry-after', '60']]);
    }
    if (password === null || !isEqual(form.get('password') ?? '', password)) {
      attempts.failed(client);
      return asPage(401, passwordPage(next, 'This password is not right.'));
    }
    const cookie = cookies.issue({ isSecure: isSecure(request), crossSite: false });
    return redirect(303, next, cookie);
  };

  return {
    async check(request, target, client) {
      const [path = '/', ...rest] = target.split('?');
      const query = new URLSearchParams(rest.join('?'));
      const given = request.headers[TOKEN] ?? query.get(TOKEN);
      if (bypassToken !== null && given !== null && isEqual(String(given), bypassToken)) {
        const wanted = String(request.headers[SET_COOKIE] ?? query.get(SET_COOKIE) ?? '').toLowerCase();
        if (wanted !== 'true' && wanted !== 'samesitenone') return null;
        query.delete(TOKEN);
        query.delete(SET_COOKIE);
        const clean = onThisSite(path) + (query.size > 0 ? `?${query}` : '');
        const crossSite = wanted === 'samesitenone';
        return redirect(307, clean, cookies.issue({ isSecure: isSecure(request), crossSite }));
      }
      if (cookies.isValid(cookiesOf(request.headers.cookie).get(ACCESS_COOKIE))) {
        return path === PASSWORD_PATH ? redirect(303, '/') : null;
      }
      if (path === PASSWORD_PATH) {
        return request.method === 'POST' ? submitted(request, client) : redirect(303, '/');
      }
      const isForPeople = password !== null && /\btext\/html\b/.test(request.headers.accept ?? '');
      return isForPeople ? asPage(401, passwordPage(onThisSite(target), null)) : REFUSED;
    },
  };
}

const REFUSED: Refusal = {
  status: 401,
  headers: [
    ['cache-control', 'no-store'],
    ['content-type', 'text/plain; charset=utf-8'],
    ['x-robots-tag', 'noindex'],
  ],
  body: `401: this deployment is protected. Open it in a browser, or send its token in ${TOKEN}.\n`,
};

function asPage(status: number, body: string, headers: HeaderList = []): Refusal {
  const own: HeaderList = [
    ['cache-control', 'no-store'],
    [
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    ],
    ['content-type', 'text/html; charset=utf-8'],
    ['referrer-policy', 'no-referrer'],
    ['x-content-type-options', 'nosniff'],
    ['x-robots-tag', 'noindex'],
  ];
  return { status, headers: [...own, ...headers], body };
}

function redirect(status: number, location: string, cookie?: string): Refusal {
  const headers: HeaderList = [
    ['cache-control', 'no-store'],
    ['location', location],
    ...(cookie === undefined ? [] : [['set-cookie', cookie] as const]),
  ];
  return { status, headers, body: '' };
}

/** A proxy in front says so; whoever else does gets a cookie that is stricter than it need be. */
function isSecure({ headers }: IncomingMessage): boolean {
  return (
    String(headers['x-forwarded-proto'] ?? '')
      .split(',')[0]
      ?.trim() === 'https'
  );
}

async function readForm(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_FORM) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
