import { describe, expect, it } from 'vitest';
import { chooseMode, renderFailure, renderNotice, useColor } from '../src/index.ts';
import { cleanLine, fit, truncate, widthOf } from '../src/text.ts';
import { formatDuration, formatSize } from '../src/units.ts';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['größe', 5],
    ['世界', 4],
    ['ｗｉｄｅ', 8],
    ['e\u0301', 1],
    ['한글', 4],
    ['🚀!', 3],
    ['\u001b[31mred\u001b[39m', 3],
    ['✔ ok', 4],
  ])('%j is %d columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it('is kept when a text is cut', () => {
    expect(truncate('hello', 5)).toBe('hello');
    expect(truncate('hello', 4)).toBe('hel…');
    expect(truncate('世界世界', 5)).toBe('世界…');
    expect(truncate('世界世界', 4)).toBe('世…');
    expect(truncate('\u001b[31mhello\u001b[39m', 3)).toBe('\u001b[31mhe…\u001b[0m');
    expect(truncate('hello', 1)).toBe('…');
    expect(truncate('hello', 0)).toBe('');
    expect(fit('世', 4)).toBe('世  ');
  });
});

describe('a line of output', () => {
  it('keeps colours only where they are wanted, and ends them', () => {
    expect(cleanLine('\u001b[1;31mred', true)).toBe('\u001b[1;31mred\u001b[0m');
    expect(cleanLine('\u001b[1;31mred', false)).toBe('red');
  });

  it('shows what a progress bar shows last', () => {
    expect(cleanLine('10%\r50%\r100%\r\n', false)).toBe('100%');
  });

  it('loses sequences that were cut off or have other characters in them', () => {
    expect(cleanLine('a\u001b[', true)).toBe('a');
    expect(cleanLine('a\u001b', true)).toBe('a');
    expect(cleanLine('a\u001b]0;title', true)).toBe('a');
    expect(cleanLine('a\u001b\u001b[31m[2Jb', false)).toBe('a[2Jb');
    expect(cleanLine('\u001b[\u00002Jb', true)).not.toContain('\u001b');
  });
});

describe('units', () => {
  it('read well', () => {
    expect([0, 640, 999.6, 1000, 4149, 59_960, 125_000].map(formatDuration)).toEqual([
      '0 ms',
      '640 ms',
      '1.0 s',
      '1.0 s',
      '4.1 s',
      '1 min 00 s',
      '2 min 05 s',
    ]);
    expect([0, 812, 14_200, 999_960, 3_400_000, 2e12].map(formatSize)).toEqual([
      '0 B',
      '812 B',
      '14.2 kB',
      '1.0 MB',
      '3.4 MB',
      '2.0 TB',
    ]);
  });
});

describe('a failure', () => {
  it('underlines what is meant, under tabs and wide characters too', () => {
    const position = { file: 'vercel.json', line: 12, column: 4, length: 2, lineText: '\t世世"x": 界,' };
    expect(renderFailure({ code: 'config-invalid-value', message: 'no', position }, { color: false })).toBe(
      [
        '✖ no [config-invalid-value]',
        '  vercel.json:12:4',
        '    12 │     世世"x": 界,',
        '       │         ^^',
      ].join('\n'),
    );
  });

  it('shows the part of a long line that matters', () => {
    const lineText = `{${'"a":1,'.repeat(1000)}"oops":2${',"b":3'.repeat(1000)}}`;
    const column = lineText.indexOf('"oops"') + 1;
    const text = renderFailure(
      {
        code: 'config-unknown-field',
        message: 'no',
        position: { file: 'f', line: 1, column, length: 6, lineText },
      },
      { color: false },
    );
    const [, , source = '', squiggle = ''] = text.split('\n');
    expect(widthOf(source)).toBeLessThan(120);
    expect(source.slice(squiggle.indexOf('^'), squiggle.lastIndexOf('^') + 1)).toBe('"oops"');
  });

  it('survives a place that is not in the line', () => {
    const position = { file: 'f', line: 3, column: 90, length: 40, lineText: 'short' };
    expect(renderFailure({ code: 'config-syntax', message: 'no', position }, { color: false })).toContain(
      '^',
    );
    expect(
      renderFailure(
        { code: 'config-syntax', message: 'no', position: { file: 'f', line: 3, column: 1 } },
        { color: false },
      ),
    ).toBe('✖ no [config-syntax]\n  f:3:1');
  });

  it('names its service once', () => {
    expect(
      renderFailure(
        { code: 'build-failed', service: 'web', message: 'service "web" broke' },
        { color: false },
      ),
    ).toBe('✖ service "web" broke [build-failed]');
    expect(
      renderNotice(
        { code: 'unreachable-service', service: 'web', message: 'nothing leads here' },
        { color: false },
      ),
    ).toBe('⚠ web: nothing leads here [unreachable-service]');
  });
});

describe('the mode', () => {
  const choose = (env: Record<string, string>, stderrIsTTY = true, json = false) =>
    chooseMode({ env, stderrIsTTY, json });

  it('follows the place', () => {
    expect(choose({ TERM: 'xterm' })).toBe('live');
    expect(choose({ TERM: 'dumb' })).toBe('plain');
    expect(choose({}, false)).toBe('plain');
    expect(choose({ CI: 'true' })).toBe('plain');
    expect(choose({ CI: 'true', GITHUB_ACTIONS: 'true' }, false)).toBe('github');
    expect(choose({ GITLAB_CI: 'true' }, false)).toBe('gitlab');
    expect(choose({ TF_BUILD: 'True' }, false)).toBe('azure');
    expect(choose({ GITHUB_ACTIONS: 'true' }, true, true)).toBe('json');
  });

  it('has colours where they are wanted and can be seen', () => {
    expect(useColor({}, true)).toBe(true);
    expect(useColor({}, false)).toBe(false);
    expect(useColor({ NO_COLOR: '1' }, true)).toBe(false);
    expect(useColor({ NO_COLOR: '' }, true)).toBe(true);
    expect(useColor({ TERM: 'dumb' }, true)).toBe(false);
    expect(useColor({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(useColor({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true);
    expect(useColor({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(useColor({ GITHUB_ACTIONS: 'true' }, false)).toBe(true);
    expect(useColor({ GITHUB_ACTIONS: 'true', NO_COLOR: '1' }, false)).toBe(false);
  });
});
