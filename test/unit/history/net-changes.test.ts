import { describe, expect, test } from 'vitest';
import { compareEnds, concernsNode, netChanges } from '../../../src/history/net-changes.ts';
import type { FieldChange, Step } from '../../../src/model/change.ts';
import { clusterTime } from '../../../src/model/time.ts';

/** The nth step of a VM's life, seen in the hour that ends when it was recorded. */
const step = (id: number, change: Step['change'], facts: Partial<Step> = {}): Step => ({
  ...{
    id,
    seq: 10 + id,
    at: clusterTime(100 + id),
    type: 'vm',
    resourceId: '1',
    incarnation: 1,
    change,
    facet: 'config',
  },
  ...{
    name: `name ${id}`,
    node: `pve${id}`,
    fields: [],
    windowAfter: clusterTime(1000 + id),
    windowBefore: clusterTime(2000 + id),
  },
  ...facts,
});
const updated = (id: number, ...fields: [path: string, from: unknown, to: unknown][]) =>
  step(id, 'updated', { fields: fields.map(([path, from, to]) => ({ path, from, to }) as FieldChange) });
const cores = (id: number, from: number, to: number) => updated(id, ['config.cores', from, to]);
const born = { windowAfter: null };

describe('a net change', () => {
  test('there and back is nothing, further is one step', () => {
    expect(netChanges([cores(1, 1, 2), cores(2, 2, 1)])).toEqual([]);
    expect(netChanges([cores(1, 1, 2), cores(2, 2, 4)])).toMatchObject([
      { change: 'updated', fields: [{ path: 'config.cores', from: 1, to: 4 }] },
    ]);
  });

  test('created and deleted is nothing, a reused VMID two lives', () => {
    const second = { incarnation: 2 };
    const lives = [step(1, 'deleted'), step(2, 'created', second), step(3, 'deleted', second)];
    expect(netChanges(lives.slice(0, 2)).map(net => net.change)).toEqual(['deleted', 'created']);
    expect(netChanges(lives.slice(1))).toEqual([]);
    expect(netChanges(lives).map(net => net.change)).toEqual(['deleted']);
  });

  test('is dated by the steps that left a trace', () => {
    const undone = [updated(1, ['ha', 1, 2]), updated(5, ['ha', 2, 1])] as const;
    const both = updated(2, ['status', 'running', 'stopped'], ['ha', 2, 3]);
    const back = updated(3, ['ha', 3, 2]);
    expect(netChanges([undone[0], both, back, cores(4, 1, 2), undone[1]])).toEqual([
      {
        key: { type: 'vm', id: '1' },
        incarnation: 1,
        name: 'name 5',
        node: 'pve5',
        change: 'updated',
        fields: [
          { path: 'config.cores', from: 1, to: 2 },
          { path: 'status', from: 'running', to: 'stopped' },
        ],
        ...{ at: 104, windowAfter: 1002, windowBefore: 2004, seq: 14, versionId: 4 },
        facet: 'config',
        steps: [both, cores(4, 1, 2)],
      },
    ]);
  });

  // Kills: taking whoever restarted the guest for the one who set what took effect then.
  test('holds the step that set what waited, though only the one that applied it dates it', () => {
    const set = updated(1, ['pending.cores', null, 4]);
    const applied = updated(3, ['config.cores', 2, 4], ['pending.cores', 4, null]);
    const [net] = netChanges([set, updated(2, ['tags', 1, 2]), updated(4, ['tags', 2, 1]), applied]);
    expect(net).toMatchObject({ fields: [{ path: 'config.cores' }], windowAfter: 1003 });
    expect(net!.steps).toEqual([set, applied]);
  });

  test('names its fields in the order of their paths', () => {
    const [net] = netChanges([updated(1, ['b', 1, 2], ['c', 1, 2]), updated(2, ['a', 1, 2])]);
    expect(net!.fields.map(field => field.path)).toEqual(['a', 'b', 'c']);
  });

  test.each(['created', 'discovered'] as const)('a guest %s is that, whatever came after it', change => {
    expect(netChanges([step(1, change, born), cores(2, 1, 2)])).toMatchObject([
      {
        change,
        fields: [],
        at: 101,
        windowAfter: null,
        windowBefore: 2001,
        seq: 11,
        versionId: 1,
        name: 'name 2',
      },
    ]);
  });

  test('what was only learned is none, and begins no life', () => {
    expect(netChanges([step(1, 'discovered')])).toEqual([]);
    expect(netChanges([step(1, 'discovered'), cores(2, 1, 2)])).toMatchObject([{ change: 'updated' }]);
    expect(netChanges([step(1, 'discovered'), step(2, 'deleted')])).toMatchObject([{ change: 'deleted' }]);
  });

  test('a death is told though nobody knows when its guest was last seen', () => {
    expect(netChanges([step(1, 'deleted', { windowAfter: null })])).toMatchObject([{ change: 'deleted' }]);
  });

  test('concerns the node its resource stands on, and the one it left', () => {
    const [moved] = netChanges([updated(2, ['node', 'pve1', 'pve2'], ['pool', 'pve3', 'dev'])]);
    expect(['pve1', 'pve2', 'pve3'].map(node => concernsNode(moved!, node))).toEqual([true, true, false]);
  });
});

describe('the ends of an interval', () => {
  const memory = (id: number) => updated(id, ['memory', 1, 2]);
  const undecided = undefined;
  test.each<[string, Step, Step, number | null | undefined]>([
    ['tell of one step', cores(7, 1, 2), cores(7, 1, 2), 7],
    ['tell of a field that moved', cores(7, 1, 2), cores(9, 3, 4), 9],
    ['leave open what went there and back', cores(7, 1, 2), cores(9, 2, 1), undecided],
    ['leave open fields that only one of them has', cores(7, 1, 2), memory(9), undecided],
    ['leave open what was learned last', cores(7, 1, 2), step(9, 'discovered'), undecided],
    ['leave open what was learned first', step(7, 'discovered'), cores(9, 1, 2), undecided],
    ['leave several lives open', cores(7, 1, 2), step(9, 'created', { incarnation: 2 }), undecided],
    ['leave their deaths open', cores(7, 1, 2), step(9, 'deleted', { incarnation: 2 }), undecided],
    ['tell of a birth', step(7, 'created'), cores(9, 1, 2), 7],
    ['tell of a first sight', step(7, 'discovered', born), cores(9, 1, 2), 7],
    ['tell of a death', cores(7, 1, 2), step(9, 'deleted'), 9],
    ['tell of a death out of sight', step(9, 'deleted', born), step(9, 'deleted', born), 9],
    ['tell of nothing where it came and went', step(7, 'created'), step(9, 'deleted'), null],
  ])('%s', (_, first, last, verdict) => expect(compareEnds(first, last)).toBe(verdict));
});
