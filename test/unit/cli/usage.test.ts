import { describe, expect, test } from 'vitest';
import { answer } from '../../../src/cli/render/answer.ts';
import { widthOf } from '../../../src/cli/render/cells.ts';
import { chart } from '../../../src/cli/render/chart.ts';
import { canPlot, usageText } from '../../../src/cli/render/usage.ts';

const points = [
  ['2026-11-28T00:00:00+00:00', 4],
  ['2026-11-28T01:00:00+00:00', null],
  ['2026-11-28T02:00:00+00:00', 8],
];
const memory = {
  resource: 'vm/101',
  name: 'db01',
  node: 'pve1',
  metric: 'memory',
  unit: 'GiB',
  capacity: 16,
  min: 3.9,
  median: 4,
  p95: 7.5,
  max: 8,
  now: 8,
  slope_per_day: 0.1,
  sparkline: '▄ █',
};
const storage = {
  ...memory,
  resource: 'storage/local-zfs',
  name: undefined,
  metric: 'storage',
  until_full: { at: '2027-01-10', earliest: '2027-01-02' },
};
const stuck = { ...storage, node: 'pve2', until_full: { why: 'cannot be told: it does not grow' } };

describe('usage for people', () => {
  test('is a line for each metric, and a plot beside it where one can be drawn', () => {
    expect(usageText([memory, storage, stuck], 160, true)).toBe(
      [
        'RESOURCE                METRIC       NOW  OF  FULL                              PLOT  MAX  P95  MEDIAN  MIN  PER DAY',
        'vm/101 db01             memory GiB     8  16                                    ▄ █     8  7.5       4  3.9      0.1',
        'storage/local-zfs pve1  storage GiB    8  16  2027-01-10 (2027-01-02 or later)  ▄ █     8  7.5       4  3.9      0.1',
        'storage/local-zfs pve2  storage GiB    8  16  not told: it does not grow        ▄ █     8  7.5       4  3.9      0.1',
      ].join('\n'),
    );
    expect(answer({ usage: [memory], timeframe: 'day' }, null)).not.toContain('▄');
  });

  test('says once when nothing was recorded', () => {
    const gaps = [['2026-11-28T02:10:00+01:00', '2026-11-28T02:35:00+01:00']];
    const rows = [{ ...memory, gaps }, { ...memory, metric: 'cpu', gaps }, storage];
    expect(usageText(rows, 100, true).split('\n').slice(-1)).toEqual([
      'vm/101 db01: nothing recorded from 2026-11-28 02:10 to 2026-11-28 02:35',
    ]);
  });

  test('with points is charts, or numbers in which a gap is no zero', () => {
    const rows = [{ ...memory, points }];
    const drawn = usageText(rows, 80, true);
    expect(drawn).not.toContain('PLOT');
    expect(drawn.split('\n').slice(-8)).toEqual([
      'vm/101 db01  memory GiB',
      '8   █',
      '    █',
      '    █',
      '  █ █',
      '  █ █',
      '0 █ █',
      '2026-11-28 00:00 2026-11-28 02:00',
    ]);
    expect(usageText(rows, 80, false).split('\n').slice(-4)).toEqual([
      'TIME              VM/101 DB01 MEMORY GIB',
      '2026-11-28 00:00  4',
      '2026-11-28 01:00  -',
      '2026-11-28 02:00  8',
    ]);
  });

  test.each([60, 80, 100, 140])('fits a terminal of %i columns, and cuts no plot', width => {
    const rows = [{ ...memory, sparkline: '▁'.repeat(30) }, storage];
    const lines = usageText(rows, width, true).split('\n');
    for (const line of lines.filter(one => !one.startsWith('(not shown'))) {
      expect(widthOf(line)).toBeLessThanOrEqual(width);
      if (line.includes('▁')) expect(line).toContain('▁'.repeat(30));
    }
  });

  test.each<[string, number | null, NodeJS.ProcessEnv, boolean]>([
    ['a terminal', 80, { TERM: 'xterm', LANG: 'de_DE.UTF-8' }, true],
    ['a terminal that names no language', 80, {}, true],
    ['a file', null, { TERM: 'xterm' }, false],
    ['a dumb terminal', 80, { TERM: 'dumb' }, false],
    ['a person who wants no colours', 80, { NO_COLOR: '1' }, false],
    ['a narrow terminal', 59, {}, false],
    ['a terminal without Unicode', 80, { LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  ])('is drawn on $0: $3', (_, width, env, draws) => expect(canPlot(width, env)).toBe(draws));

  test('a chart shows each value and each gap, whatever they are', () => {
    for (const values of [[], [null], [0, null, 0], [1e-9, 1e9], Array(500).fill(3)]) {
      const lines = chart(values, 40);
      expect(lines.length).toBe(6);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(40);
      const foot = lines.at(-1)!;
      expect([...foot].filter(one => /[▁-█]/u.test(one)).length).toBe(
        Math.min(values.filter(value => value !== null).length, 40 - foot.indexOf('0') - 2),
      );
    }
  });
});
