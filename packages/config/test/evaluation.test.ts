import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/formats/script-evaluation.ts';
import { folderWith } from './temporary-project.ts';

describe('evaluating a configuration', () => {
  it('ends a program that does not come to its end', async () => {
    const context = { directory: await folderWith({}), env: {} };
    const result = await evaluate(
      'export default await new Promise(() => setInterval(() => {}, 1000));',
      context,
      300,
    );
    expect(result).toMatchObject({
      ok: false,
      message: 'The configuration did not finish within 0.3 seconds',
    });
  });

  it('ends when the export is there, whatever the program still has open', async () => {
    const context = { directory: await folderWith({}), env: {} };
    const result = await evaluate('setInterval(() => {}, 1000); export default { a: 1 };', context);
    expect(result).toEqual({ ok: true, value: { a: 1 } });
  });

  it('passes on the given environment and no other', async () => {
    const context = { directory: await folderWith({}), env: { ONLY: 'this' } };
    const result = await evaluate('export default { ...process.env };', context);
    expect(result).toMatchObject({ ok: true, value: { ONLY: 'this' } });
    expect(result.ok && result.value).not.toHaveProperty('PATH');
  });
});
