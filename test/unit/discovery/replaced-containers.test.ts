import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replacedContainers } from '../../../src/discovery/guests/replaced.ts';
import type { GuestConfigEntity, TaskEntity } from '../../../src/model/entity.ts';
import type { GuestReading } from '../../../src/model/observation.ts';
import type { JsonObject } from '../../../src/model/state.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aGuest, aTask } from '../../support/database-fixtures.ts';
import { propertyRuns } from '../../support/soak.ts';

const READ = 1_800_000_000_000;
const card = (n: number) => ({ name: 'eth0', hwaddr: `BC:24:11:00:00:0${n}` });
const box = aGuest(200, { type: 'container', configSeen: READ, createdAt: READ - 3_600_000 });
const task = (type: string, from: number, to: number | null, more: Partial<TaskEntity> = {}) =>
  aTask(1, {
    ...{ type, resourceType: 'container', resourceId: '200', startTime: READ + from },
    endTime: to === null ? null : READ + to,
    ...more,
  });
const replaced = (
  former: JsonObject | null,
  config: JsonObject,
  tasks: TaskEntity[],
  known = box,
  arrivals: [string, number][] = [],
) => {
  const heard = {
    known,
    former: former && ({ config: former } as GuestConfigEntity),
    reading: { config } as GuestReading,
  };
  const containers = { arrivals: new Map(arrivals), listedAt: clusterTime(READ + 100_000) };
  return replacedContainers([heard], tasks, at => clusterTime(Number(at)), containers).size === 1;
};

// Kills: edits of the one before told of whom `pct restore --force` put in its place.
describe('a container is another one where', () => {
  const [mine, other] = [{ net0: card(1) }, { net0: card(2) }];
  test.each<[string, boolean, TaskEntity]>([
    ['one was restored over it', true, task('vzrestore', 10_000, 20_000)],
    ['that ended with warnings', true, task('vzrestore', 10_000, 20_000, { status: 'warning' })],
    ['one was made anew', true, task('vzcreate', 10_000, 11_000)],
    [
      'one was cloned to its VMID',
      true,
      task('vzclone', 1, 9, { resourceId: '201', logEntries: ['  Logical volume "vm-200-disk-0" created.'] }),
    ],
    ['it was read while one was restored', true, task('vzrestore', -5_000, 5_000)],
    ['that ended before it was read', false, task('vzrestore', -20_000, -10_000)],
    ['that failed', false, task('vzrestore', 10_000, 20_000, { status: 'error' })],
    ['that still runs', false, task('vzrestore', 10_000, null, { status: 'running' })],
    ['that was of another one', false, task('vzrestore', 10_000, 20_000, { resourceId: '201' })],
    ['it was cloned itself', false, task('vzclone', 10_000, 20_000)],
    ['it was rolled back', false, task('vzrollback', 10_000, 20_000)],
    ['it was made by that task itself', false, task('vzcreate', -3_600_500, 1_000)],
  ])('%s: %s', (_, is, ran) => {
    expect(replaced(mine, other, [ran])).toBe(is);
    // Its own backup brings its own cards.
    expect(replaced(mine, { ...mine, cores: 4, net1: card(3) }, [ran])).toBe(false);
  });

  // Kills: edits told of whoever a clone on ZFS, whose log is silent, put in the place of one whose file was lost.
  test('a clone that does not tell what it made came to its VMID, as nobody else came', () => {
    const silent = (more: Partial<TaskEntity> = {}) =>
      task('vzclone', 10_000, 20_000, { resourceId: '201', logEntries: [], ...more });
    const told = silent({ logEntries: ['  Logical volume "vm-203-disk-0" created.'] });
    const other202 = task('vzcreate', 1, 2, { resourceId: '202' });
    const came = (at: number, id = 202): [string, number] => [`container/${id}`, READ + at];
    const cases: [boolean, TaskEntity[], [string, number][]][] = [
      [true, [silent()], []],
      [true, [silent()], [came(-60_000)]],
      [true, [silent(), other202], [came(12_000)]],
      [true, [silent(), silent({ startTime: clusterTime(READ + 30_000) })], [came(12_000)]],
      [true, [silent(), told], [came(12_000, 203)]],
      [false, [silent()], [came(12_000)]],
      [false, [silent({ startTime: clusterTime(READ + 100_000), endTime: clusterTime(READ + 101_000) })], []],
      [false, [silent({ logEntries: null })], []],
      [false, [silent({ resourceId: '200' })], []],
      [false, [silent({ status: 'error' })], []],
      [false, [told], []],
    ];
    for (const [is, ran, arrivals] of cases) {
      expect(replaced(mine, other, ran, box, arrivals), JSON.stringify(arrivals)).toBe(is);
      expect(replaced(mine, { ...mine, cores: 4 }, ran, box, arrivals)).toBe(false);
    }
  });

  test('nothing is concluded of cards that nobody has seen', () => {
    const ran = [task('vzrestore', 10_000, 20_000)];
    for (const [former, config] of [
      [null, other],
      [{}, other],
      [mine, {}],
      [{ net0: null }, other],
    ] as const)
      expect(replaced(former, config, ran)).toBe(false);
    expect(replaced(mine, other, ran, { ...box, type: 'vm' })).toBe(false);
  });

  test('it has none of its cards, in whatever order and place', () => {
    const cards = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
    const config = (of: number[]) => Object.fromEntries(of.map((n, place) => [`net${place}`, card(n)]));
    fc.assert(
      fc.property(cards, cards, (before, now) => {
        const isOther = !before.some(n => now.includes(n));
        expect(replaced(config(before), config(now), [task('vzrestore', 1, 2)])).toBe(isOther);
      }),
      { numRuns: propertyRuns(50) },
    );
  });
});
