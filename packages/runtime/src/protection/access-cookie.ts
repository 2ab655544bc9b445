import { createHmac, scryptSync } from 'node:crypto';
import { isEqual } from './is-equal.ts';

export const ACCESS_COOKIE = '_svc_access';

/** Seconds. */
const LIFE = 7 * 24 * 3600;

/** Signs what lets a visitor in once the password was right. */
export interface AccessCookies {
  /** A `set-cookie` value. */
  issue(options: { readonly isSecure: boolean; readonly crossSite: boolean }): string;
  isValid(value: string | undefined): boolean;
}

/**
 * The key is made of the secrets and the deployment: a cookie outlives a restart, but neither a changed password nor its
 * deployment.
 *
 * @param now milliseconds since 1970.
 */
export function accessCookies(
  secrets: readonly string[],
  deployment: string,
  now: () => number,
): AccessCookies {
  const key = scryptSync(JSON.stringify(secrets), `svc protection of ${deployment}`, 32);
  const signature = (expires: string) => createHmac('sha256', key).update(expires).digest('base64url');
  return {
    issue: ({ isSecure, crossSite }) => {
      const expires = String(Math.floor(now() / 1000) + LIFE);
      const site = crossSite ? 'None; Secure' : `Lax${isSecure ? '; Secure' : ''}`;
      return `${ACCESS_COOKIE}=${expires}.${signature(expires)}; Path=/; Max-Age=${LIFE}; HttpOnly; SameSite=${site}`;
    },
    isValid: value => {
      const [expires = '', given = ''] = (value ?? '').split('.');
      return isEqual(given, signature(expires)) && Number(expires) * 1000 > now();
    },
  };
}
