import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryRow } from '../../../src/pages/facts.ts';
import { authorColours, authorName, authorOf } from '../../../src/pages/timeline/authors.ts';
import { filterLanes, hasFailed, readTimeline } from '../../../src/pages/timeline/model.ts';
import { pan, reveal, ticks, timeText, zoneOffset, zoom } from '../../../src/pages/timeline/scale.ts';
import { END, madeUp } from '../../browser/facts.ts';

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
const change = (row: HistoryRow): HistoryRow => ({
  resource: 'vm/1',
  change: 'updated',
  at: iso(END),
  ...row,
});

describe('reading an answer', () => {
  test('each change stands from the last look before it to the one that saw it', () => {
    const window = { after: iso(END - HOUR), before: iso(END - 60_000) };
    const { items } = readTimeline({ history: [change({ window })] }, END);
    expect(items).toMatchObject([{ after: END - HOUR, before: END - 60_000, kind: 'updated' }]);
  });

  test('what is not known is not made up: no start, no time, no author', () => {
    const rows = [
      change({ window: { before: iso(END - 5) } }),
      change({ at: undefined }),
      { task: 'UPID', at: iso(END - 9) },
    ];
    const { items } = readTimeline({ history: rows }, END);
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ after: END - 5, before: END - 5, author: '' });
    expect(items[1]).toMatchObject({ after: END - 9, before: END - 9, kind: 'task' });
  });

  test('a running task reaches to the end of what is told, an ended one to its end', () => {
    const task = { task: 'UPID', at: iso(END - HOUR), resource: 'vm/1' };
    const told = {
      history: [
        { ...task, status: 'running' },
        { ...task, until: iso(END - 60_000), status: 'OK' },
      ],
    };
    expect(readTimeline({ ...told, to: iso(END) }, 0).items.map(({ before }) => before)).toEqual([
      END,
      END - 60_000,
    ]);
  });

  test('everything that has a time has one place in one lane, whatever the rows are', () => {
    const text = fc.option(fc.string(), { nil: undefined });
    const time = fc.option(fc.oneof(fc.constant('never'), fc.integer({ min: 0, max: END }).map(iso)), {
      nil: undefined,
    });
    const row = fc.record({
      resource: text,
      name: text,
      change: text,
      at: time,
      task: text,
      status: text,
      until: time,
      user: text,
    });
    fc.assert(
      fc.property(fc.array(row), rows => {
        const { items, lanes, span } = readTimeline({ history: rows as HistoryRow[] }, END);
        expect(items).toHaveLength(rows.filter(({ at }) => at !== undefined && at !== 'never').length);
        const placed = lanes.flatMap(lane => lane.items);
        expect(placed).toHaveLength(items.length);
        expect(new Set(placed).isSupersetOf(new Set(items))).toBe(true);
        for (const { after, before } of items)
          expect(span.from <= after && after <= before && before <= span.to).toBe(true);
      }),
    );
  });

  test('a resource is off from the change that ended its work to the one that took it up', () => {
    const status = (at: number, from: string, to: string) =>
      change({ resource: 'node/a', at: iso(at), fields: [{ path: 'status', from, to }] });
    const history = [status(END - 2 * HOUR, 'offline', 'online'), status(END - HOUR, 'online', 'offline')];
    const facts = { history, from: iso(END - 3 * HOUR), to: iso(END) };
    expect(readTimeline(facts, END).lanes[0]?.off).toEqual([
      { from: END - 3 * HOUR, to: END - 2 * HOUR },
      { from: END - HOUR, to: END },
    ]);
    // What is made later, or destroyed, was off only while it was there.
    const there = (what: string, at: number) => change({ resource: 'vm/9', change: what, at: iso(at) });
    const started = { ...status(END - HOUR, 'stopped', 'running'), resource: 'vm/9' };
    const stopped = { ...status(END - 30 * 60_000, 'running', 'stopped'), resource: 'vm/9' };
    const life = [there('created', END - 2 * HOUR), started, stopped, there('deleted', END - 60_000)];
    expect(readTimeline({ ...facts, history: life }, END).lanes[0]?.off).toEqual([
      { from: END - 2 * HOUR, to: END - HOUR },
      { from: END - 30 * 60_000, to: END - 60_000 },
    ]);
    const unseen = [{ what: 'guests of b', since: iso(END - HOUR), resources: ['vm/1'] }];
    expect(readTimeline({ ...facts, history: [change({})], unseen }, END).lanes[0]?.off).toEqual([
      { from: END - HOUR, to: END },
    ]);
    const start = { ...facts, history: [change({})], history_starts_at: iso(END - 2 * HOUR) };
    expect(readTimeline(start, END).lanes[0]?.off).toEqual([
      { from: END - 3 * HOUR, to: END - 2 * HOUR, unwatched: true },
    ]);
  });

  test.each([
    [{ task: 'U', status: 'OK' }, false],
    [{ task: 'U', status: 'WARNINGS: 2' }, false],
    [{ task: 'U', status: 'running' }, false],
    [{ task: 'U' }, false],
    [{ task: 'U', status: 'job errors' }, true],
    [{ task: 'U', status: 'OK, but a hostile text', result: 'ok' }, false],
    [{ task: 'U', status: 'OK', result: 'error' }, true],
    [{ change: 'updated', status: 'broken' }, false],
  ])('$0 failed: $1', (row, failed) => expect(hasFailed(row)).toBe(failed));
});

describe('authors', () => {
  test('one person is named where one did it, several where several did, nobody where nobody is named', () => {
    const by = (...users: string[]) => authorOf({ causes: users.map(user => ({ user })) });
    expect(by('ann@pve', 'ann@pve')).toBe('ann@pve');
    expect(authorName(by('ann@pve', 'bob@pve'))).toBe('several people');
    expect(authorName(by())).toBe('nobody named');
    expect(authorOf({ user: 'root@pam', task: 'UPID' })).toBe('root@pam');
  });

  test('the busiest six have a colour each, all others share one, and nobody is never a person', () => {
    const { authors } = readTimeline(madeUp(10, 500).timeline, END);
    const colours = authorColours(authors);
    const people = authors.filter(({ author }) => author !== '');
    expect(new Set(people.slice(0, 6).map(({ author }) => colours.get(author))).size).toBe(6);
    for (const { author } of people.slice(6)) expect(colours.get(author)).toBe('--author-other');
    expect(colours.get('')).toBe('--author-unknown');
  });
});

test('a filter keeps what holds every word of it, lanes with nothing left go', () => {
  const { lanes } = readTimeline(madeUp(40, 2_000).timeline, END);
  const all = filterLanes(lanes, { text: '', tasks: true, author: null });
  expect(all.flatMap(lane => lane.items)).toHaveLength(2_400);
  const some = filterLanes(lanes, { text: 'MEMORY  ann@pve', tasks: false, author: null });
  for (const { row, kind } of some.flatMap(lane => lane.items)) {
    expect(kind).not.toBe('task');
    expect(JSON.stringify(row)).toMatch(/memory_mib.*ann@pve/);
  }
  expect(some.length).toBeGreaterThan(0);
  expect(filterLanes(lanes, { text: 'nothing-like-it', tasks: true, author: null })).toEqual([]);
});

describe('the scale', () => {
  const bounds = { from: END - 30 * 24 * HOUR, to: END };
  const views = fc
    .tuple(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 0.001, max: 0.1, noNaN: true }))
    .map(([at, width]) => {
      const from = bounds.from + at * (bounds.to - bounds.from);
      return { from, to: from + width * (bounds.to - bounds.from) };
    });
  const inside = ({ from, to }: { from: number; to: number }) =>
    from >= bounds.from - 1 && to <= bounds.to + 1 && to - from >= 59_999;

  test('zooming, moving and revealing never leave what there is', () => {
    const factor = fc.double({ min: 0.001, max: 1000, noNaN: true });
    const at = fc.integer({ min: bounds.from, max: bounds.to });
    fc.assert(
      fc.property(views, factor, at, (view, by, moment) => {
        expect(inside(zoom(view, by, moment, bounds))).toBe(true);
        expect(inside(pan(view, (by - 500) * HOUR, bounds))).toBe(true);
        const shown = reveal(view, moment, bounds);
        expect(shown.from <= moment && moment <= shown.to).toBe(true);
      }),
    );
  });

  test('ticks stand at whole local times, far enough apart, also where clocks change', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'Asia/Kathmandu',
      'America/New_York',
      '+02:00',
      'Not/AZone',
    );
    fc.assert(
      fc.property(views, zones, (view, zone) => {
        const marks = ticks(view, 900, zone);
        const apart = marks.slice(1).map(({ at }, index) => at - marks[index]!.at);
        for (const one of apart) expect((one / (view.to - view.from)) * 900).toBeGreaterThan(40);
        const offset = zoneOffset(zone);
        for (const { at, isDay } of marks) if (isDay) expect((at + offset(at)) % (24 * HOUR)).toBe(0);
      }),
    );
    const autumn = Date.UTC(2026, 9, 25);
    const marks = ticks({ from: autumn - 3 * HOUR, to: autumn + 4 * HOUR }, 900, 'Europe/Berlin');
    expect(marks.map(({ label }) => label)).toContain('25 Oct');
    expect(timeText('Europe/Berlin')(END)).toBe('Sat 28 Nov 2026, 21:00:00');
  });
});
