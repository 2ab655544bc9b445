import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { manifestShapeProblem } from '../src/manifest-shape.ts';
import { projectOf, requestFor, serviceConfig, serviceFiles, temporaryFolder } from './support/project.ts';
import { valueIn } from './support/results.ts';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../deployment.schema.json'), 'utf8'),
) as object;
const isValid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

type Manifest = Record<string, unknown> & { files: Record<string, unknown>; services: unknown[] };

async function written(kind: 'services' | 'app'): Promise<Manifest> {
  const folder = await temporaryFolder();
  const bindings = [{ type: 'service' as const, service: 'web', format: 'url' as const, env: 'WEB_URL' }];
  const project = projectOf(folder, [serviceConfig('web', { bindings: kind === 'app' ? [] : bindings })], {
    kind,
  });
  const files = { ...serviceFiles('web'), 'static/run.sh': { text: '', mode: 0o755 } };
  const request = requestFor(folder, { web: files }, { project });
  valueIn(await assemble(request));
  return JSON.parse(readFileSync(join(request.target, 'deployment.json'), 'utf8')) as Manifest;
}

describe('the schema of deployment.json', () => {
  it.each(['services', 'app'] as const)('describes what is written for a project of kind %s', async kind => {
    const manifest = await written(kind);
    isValid(manifest);
    expect(isValid.errors).toBeNull();
    expect(manifestShapeProblem(manifest)).toBeUndefined();
  });

  const damages: Record<string, (manifest: Manifest) => void> = {
    'another version': manifest => Object.assign(manifest, { version: 2 }),
    'no id': manifest => delete manifest.id,
    'an id of another form': manifest => Object.assign(manifest, { id: 'dpl_1' }),
    'no self': manifest => delete manifest.self,
    'a tree without its algorithm': manifest => Object.assign(manifest, { tree: '0'.repeat(64) }),
    'a member too many': manifest => Object.assign(manifest, { builtBy: 'someone' }),
    'a file without a size': manifest => Object.assign(manifest.files, { a: { sha256: '0'.repeat(64) } }),
    'a file of negative size': manifest =>
      Object.assign(manifest.files, { a: { sha256: '0'.repeat(64), size: -1 } }),
    'a file that is a link too': manifest =>
      Object.assign(manifest.files, { a: { sha256: '0'.repeat(64), size: 1, link: 'b' } }),
    'a file that says it is not executable': manifest =>
      Object.assign(manifest.files, { a: { sha256: '0'.repeat(64), size: 1, executable: false } }),
    'a link to nothing': manifest => Object.assign(manifest.files, { a: { link: '' } }),
    'a service without a name': manifest => manifest.services.push({ bindings: [] }),
    'a time that is text': manifest => Object.assign(manifest, { timings: { total: '1 s' } }),
    'a version that is a number': manifest => Object.assign(manifest, { tools: { node: 20 } }),
  };

  it.each(Object.entries(damages))('and the reader refuse %s', async (_, damage) => {
    const manifest = await written('services');
    damage(manifest);
    expect(isValid(manifest)).toBe(false);
    expect(manifestShapeProblem(manifest)).toBeTypeOf('string');
  });
});
