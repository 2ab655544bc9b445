import { describe, expect, it } from 'vitest';
import { readDockerfile } from '../src/dockerfile.ts';

describe('what svc reads of a Dockerfile', () => {
  it('instructions with their lines: continued, commented, in lower case', () => {
    const { instructions } = readDockerfile(
      '# syntax=docker/dockerfile:1\n\nfrom debian AS base\nRUN a \\\n# why\n  && b\nCOPY --from=base  /x /y\n',
    );
    expect(instructions).toEqual([
      { keyword: 'FROM', text: 'FROM debian AS base', line: 3 },
      { keyword: 'RUN', text: 'RUN a && b', line: 4 },
      { keyword: 'COPY', text: 'COPY --from=base /x /y', line: 7 },
    ]);
  });

  it('the arguments of all stages', () => {
    const { args } = readDockerfile('ARG BASE=a\nFROM $BASE AS one\nARG TOKEN\nFROM one\nARG NAME="x y"\n');
    expect([...args].sort()).toEqual(['BASE', 'NAME', 'TOKEN']);
  });

  it.each([
    ['one stage', 'ARG V\nFROM a\nCOPY x /\nRUN y\n', 2],
    ['the last of several', 'FROM a AS build\nRUN make\nRUN test\nFROM scratch\nCOPY --from=build /x /\n', 1],
    ['one that continues another', 'FROM a AS Base\nRUN one\nFROM b\nRUN no\nFROM base\nRUN two\nCMD x\n', 3],
    ['nothing but a base', 'FROM a\n', 0],
    ['no stage at all', '', 0],
  ])('how many instructions are on top of the base: %s', (_, source, own) => {
    expect(readDockerfile(source).own).toBe(own);
  });

  it.each([
    ['RUN --mount=type=cache,target=/x make', true],
    ['RUN <<EOF\nmake\nEOF', true],
    ['COPY <<"EOF" /x\nhello\nEOF', true],
    ['RUN echo "a << b"', false],
    ['RUN make', false],
  ])('what only newer builders understand: %j', (line, expected) => {
    expect(readDockerfile(`FROM a\n${line}\n`).isModern).toBe(expected);
  });
});
