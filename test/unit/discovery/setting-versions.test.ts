import { expect, test } from 'vitest';
import type { ListSeen } from '../../../src/discovery/datacenter/seen.ts';
import { settingVersions } from '../../../src/discovery/datacenter/versions.ts';
import type { Version } from '../../../src/model/change.ts';
import { clusterTime, later, ourTime } from '../../../src/model/time.ts';

const NOW = ourTime(1_800_000_000_000);
const AHEAD = 60_000;

// Kills: the cluster's moment of the last version taken for ours, and then moved once more by the clocks' distance.
test('of a list that was never read whole a setting was last seen when its version says, by our clock', () => {
  const before = {
    ...{ type: 'pool', resourceId: 'prod', incarnation: 1, change: 'discovered', state: { comment: 'a' } },
    windowBefore: clusterTime(NOW - 3_600_000 + AHEAD),
  } as unknown as Version;
  const seen: ListSeen = {
    ...{ list: 'pool', items: null, failure: null, whole: false, absences: new Map() },
    known: { versions: new Map([['prod', before]]), facts: [], lastWhole: null, clockAhead: AHEAD },
  };
  const item = { id: 'prod', state: { comment: 'b' }, unread: [], detail: {} as never };
  expect(settingVersions(seen, [item], NOW)).toMatchObject([
    { change: 'updated', windowAfter: later(NOW, -3_600_000), windowBefore: NOW },
  ]);
});
