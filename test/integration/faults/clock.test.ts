import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { changeSomething, expectHealed, expectNothingFalse, whenAsked } from '../../support/after-fault.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let lab: Lab;
afterEach(() => lab.close());

const begin = async () => {
  lab = await startLab({ guests: 8 });
  await lab.discover();
  lab.sim.clock.advance(60_000);
};

// Kills: any time of ours that is compared with one taken before the clock was set.
test.each(
  SOAK ? [-DAY, -HOUR, HOUR, DAY] : [-DAY, HOUR],
)('our clock is set by %i ms within a run, and back between two', async ms => {
  await begin();
  for (const calls of SOAK ? [1, 4, 9] : ms < 0 ? [1, 9] : [4]) {
    changeSomething(lab, calls);
    const run = lab.discover({ deep: true });
    await whenAsked(lab, calls, () => {
      lab.skew += ms;
    });
    await run;
    await expectNothingFalse(lab);
    await expectHealed(lab);
    const now = lab.sim.clock.now() + lab.skew;
    expect(Date.parse(String((await lab.call('list_vms', { max_age_seconds: 0 })).as_of))).toBe(now);
    lab.skew -= ms;
    changeSomething(lab, calls + 1);
    await expectHealed(lab);
  }
  const times = (await lab.store.versions({})).map(version => version.at);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

// Kills: a lease that a dead process took before the clock was set back, and that would stand for a day.
test('a lease from the future does not keep anybody from discovering', async () => {
  await begin();
  const database = new Database(join(lab.folder, 'store.db'));
  database.prepare("UPDATE lease SET holder = 'dead', expires_at = ?").run(Date.now() + DAY);
  database.close();
  changeSomething(lab);
  await expectHealed(lab);
});

// Kills: "dated before the last look, so it was there before", where the last look is dated by the clock of then.
test('a snapshot taken after our clock was set back is new', async () => {
  await begin();
  const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'stopped', template: false });
  lab.skew = -HOUR;
  await lab.discover({ facets: ['inventory'] });
  lab.sim.clock.advance(600_000);
  lab.sim.world.snapshot(vmid!, 'base');
  await lab.discover();
  const [version] = await lab.store.versions({
    resource: { type: 'vm', id: String(vmid) },
    changesOnly: true,
  });
  expect(version!.fields.map(field => field.path)).toEqual(['snapshots.base']);
});

// Kills: reading a moment that was recorded before by the clock of now. Its guest then seems younger than its death.
test('a VMID that was reused just before our clock was set back is a death and a birth', async () => {
  lab = await startLab({ guests: 16, skew: 5 * MINUTE });
  await lab.discover();
  lab.sim.clock.advance(6 * MINUTE);
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc', name: 'first' });
  lab.sim.clock.advance(MINUTE);
  await lab.discover();
  lab.sim.clock.advance(8 * MINUTE);
  lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
  lab.sim.clock.advance(2 * MINUTE);
  lab.skew = -4 * MINUTE;
  await lab.discover({ deep: true });
  const resource = { type: 'container', id: String(vmid) } as const;
  const changes = (await lab.store.versions({ resource, changesOnly: true }, { limit: 10 })).map(
    version => `${version.change} ${version.name}`,
  );
  expect(changes).toEqual(['created second', 'deleted first', 'created first']);
});
