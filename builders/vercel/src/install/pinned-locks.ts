import hydrogen from '../pins/hydrogen/package-lock.json' with { type: 'json' };
import next from '../pins/next/package-lock.json' with { type: 'json' };
import redwood from '../pins/redwood/package-lock.json' with { type: 'json' };
import remix from '../pins/remix-builder/package-lock.json' with { type: 'json' };
import ruby from '../pins/ruby/package-lock.json' with { type: 'json' };
import type { PackageLock } from './lock.ts';

/** The lockfiles that come with svc, by the package that each is for. */
export const PINNED_LOCKS: Readonly<Record<string, PackageLock>> = {
  '@vercel/hydrogen': hydrogen,
  '@vercel/next': next,
  '@vercel/redwood': redwood,
  '@vercel/remix-builder': remix,
  '@vercel/ruby': ruby,
};
