import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Route } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { loaded } from './temporary-project.ts';

/** Written by `test/recorded/record-vercel.mjs`: what the vendor's own `build` made of the same configuration. */
interface Recording {
  readonly routes: readonly Route[];
  readonly services: Readonly<Record<string, { readonly routes?: readonly Route[] }>>;
}

interface RecordedProject {
  readonly config: object;
  readonly files: Readonly<Record<string, string>>;
  /** Where svc differs on purpose, and why. */
  readonly exceptions: readonly { readonly where: string; readonly reason: string }[];
}

const recorded = fileURLToPath(new URL('../../../test/recorded/', import.meta.url));
const names = (await readdir(`${recorded}configs`)).sort();

async function read<T>(folder: string, name: string): Promise<T> {
  return JSON.parse(await readFile(`${recorded}${folder}/${name}`, 'utf8')) as T;
}

function excepted(project: RecordedProject, where: string): boolean {
  return project.exceptions.some(exception => exception.where === where);
}

describe('routes equal those of the vendor', () => {
  it('in ten configurations', () => {
    expect(names).toHaveLength(10);
  });

  it.each(names)('%s: the public table', async name => {
    const project = await read<RecordedProject>('configs', name);
    const recording = await read<Recording>('vercel', name);
    const { public: surface } = await loaded({ ...project.files, 'vercel.json': project.config });
    expect(recording.routes.length).toBeGreaterThan(0);
    if (!excepted(project, 'routes')) expect(surface.routes).toEqual(recording.routes);
  });

  it.each(names)('%s: the tables of its static services', async name => {
    const project = await read<RecordedProject>('configs', name);
    const recording = await read<Recording>('vercel', name);
    const { services } = await loaded({ ...project.files, 'vercel.json': project.config });
    expect(services.map(service => service.name)).toEqual(Object.keys(recording.services));
    for (const service of services) {
      if (excepted(project, `services.${service.name}.routes`)) continue;
      // The vendor leaves the key out where there are no routes.
      expect(service.routes).toEqual(recording.services[service.name]?.routes ?? []);
    }
  });

  it('gives a reason for each exception', async () => {
    for (const name of names) {
      const { exceptions } = await read<RecordedProject>('configs', name);
      for (const { where, reason } of exceptions) expect(`${where}: ${reason}`).toMatch(/\w+: \w.{20}/);
    }
  });
});
