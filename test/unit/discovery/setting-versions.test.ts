import { expect, test } from 'vitest';
import type { Absence } from '../../../src/discovery/common/absence.ts';
import { decideDatacenter } from '../../../src/discovery/datacenter/decide.ts';
import type { ListSeen, SettingSeen } from '../../../src/discovery/datacenter/seen.ts';
import { settingVersions } from '../../../src/discovery/datacenter/versions.ts';
import type { Version } from '../../../src/model/change.ts';
import type { Detail } from '../../../src/model/detail.ts';
import { clusterTime, later, ourTime } from '../../../src/model/time.ts';
import { someOf } from '../../support/given.ts';
import { processorTime } from '../../support/processor-time.ts';

const NOW = ourTime(1_800_000_000_000);
const AHEAD = 60_000;

// Kills: the cluster's moment of the last version taken for ours, and then moved once more by the clocks' distance.
test('of a list that was never read whole a setting was last seen when its version says, by our clock', () => {
  const before = someOf<Version>({
    ...{
      type: 'pool' as const,
      resourceId: 'prod',
      incarnation: 1,
      change: 'discovered' as const,
      state: { comment: 'a' },
    },
    windowBefore: clusterTime(NOW - 3_600_000 + AHEAD),
  });
  const seen: ListSeen = {
    ...{ list: 'pool', items: null, failure: null, whole: false, absences: new Map() },
    known: { versions: new Map([['prod', before]]), facts: [], lastWhole: null, clockAhead: AHEAD },
  };
  const item = { id: 'prod', state: { comment: 'b' }, unread: [], detail: someOf<SettingSeen['detail']>({}) };
  expect(settingVersions(seen, [item], NOW)).toMatchObject([
    { change: 'updated', windowAfter: later(NOW, -3_600_000), windowBefore: NOW },
  ]);
});

// Kills: what was last seen of each setting sought among all of them.
test('ten times as many changed, gone and unseen settings take about ten times as long', () => {
  const listOf = (count: number): ListSeen => {
    const ids = Array.from({ length: count }, (_, n) => `rule-${n}`);
    const facts = ids.map(id => ({ subject: id, observedAt: NOW }) as Detail<'ha_rule'>);
    const versions = ids.map(
      id => [id, { resourceId: id, change: 'created', state: {} } as Version] as const,
    );
    const items = ids
      .filter((_, n) => n % 3 === 0)
      .map(id => ({ id, state: { enabled: true }, unread: [], detail: { subject: id } as never }));
    const absences = ids.flatMap((id, n): [string, Absence][] => {
      if (n % 3 === 0) return [];
      return [
        [id, n % 3 === 1 ? { verdict: 'deleted' } : { verdict: 'unseen', reason: { code: 'no-right' } }],
      ];
    });
    return {
      ...{ list: 'ha_rule', items, failure: null, whole: true, absences: new Map(absences) },
      known: { versions: new Map(versions), facts, lastWhole: NOW, clockAhead: 0 },
    };
  };
  const cost = (count: number) => {
    const options = { state: null, lastSeen: null };
    const of = { observedAt: NOW, cutOff: null, lists: [listOf(count)], options, facts: null, cluster: null };
    return processorTime(() => decideDatacenter({ ...of, unseen: [] }));
  };
  cost(500);
  expect(cost(5_000)).toBeLessThan(25 * cost(500) + 100);
});
