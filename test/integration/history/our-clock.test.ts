import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { differencesFromTruth, inventedChanges, windowsBesideTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { propertyRuns } from '../../support/soak.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let lab: Lab;
afterEach(() => lab.close());

const iso = (at: number) => new Date(at).toISOString();

/** Looks after some minutes each, our clock so far off; what the guest was called after each, and when that was. */
async function live(looks: readonly { minutes: number; skew: number }[]) {
  lab = await startLab({ guests: 4 });
  const vmid = lab.sim.world.find({ type: 'qemu', template: false })[0]!;
  const told: { at: number; tag: string }[] = [];
  for (const [n, { minutes, skew }] of looks.entries()) {
    lab.sim.clock.advance(minutes * MINUTE);
    lab.sim.world.setTags(vmid, [`look-${n}`]);
    lab.skew = skew;
    await lab.discover();
    told.push({ at: lab.sim.clock.now(), tag: `look-${n}` });
  }
  const tagAt = async (moment: string) => {
    const { vms } = await lab.call('list_vms', { at: moment, max_age_seconds: 31_536_000 });
    return vms.find((vm: { vmid: number }) => vm.vmid === vmid)?.tags?.[0];
  };
  return { vmid, told, tagAt };
}

// Kills: commits dated by a clock that was wrong for one look, and all that came later with them.
test('a moment finds the commit that a clock which was never wrong would give', async () => {
  const skew = fc.constantFrom(0, 0, 0, 2 * HOUR, -2 * HOUR, 3 * DAY, -3 * DAY, 5 * MINUTE, -40_000);
  const look = fc.record({ minutes: fc.integer({ min: 2, max: 90 }), skew });
  await fc.assert(
    fc.asyncProperty(fc.array(look, { minLength: 2, maxLength: 7 }), skew, async (looks, present) => {
      const { told, tagAt, vmid } = await live(looks);
      try {
        lab.sim.clock.advance(MINUTE);
        lab.skew = present;
        await lab.discover({ facets: ['inventory'] });
        for (const [n, { at, tag }] of told.entries()) {
          expect(await tagAt(iso(at + 30_000)), `${n} of ${JSON.stringify(looks)} from ${present}`).toBe(tag);
          const before = told[n - 1]?.tag;
          expect(await tagAt(iso(at - 30_000)), `before ${n}`).toBe(before);
        }
        const ago = Math.round((lab.sim.clock.now() - told[0]!.at) / 1000);
        expect(await tagAt(`${ago - 30}s`)).toBe(told[0]!.tag);
        const { changes } = await lab.call('diff_state', {
          ...{ resource: `vm/${vmid}`, from: iso(told.at(-2)!.at + 30_000), max_age_seconds: 31_536_000 },
        });
        expect(JSON.stringify(changes.map((one: { fields: object }) => one.fields))).toContain(
          told.at(-1)!.tag,
        );
        const times = (await lab.store.versions({})).map(version => version.at);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      } finally {
        await lab.close();
      }
    }),
    { numRuns: propertyRuns(3) },
  );
  lab = await startLab({ guests: 1 });
});

const act = fc.constantFrom('down', 'up', 'edit', 'create', 'stop', 'start', 'none');

// Kills: moments of guests and storages out of sight that were recorded by a clock that was wrong for one look.
test('what happens around looks by a wrong clock has windows that hold it, and no longer ones than needed', async () => {
  const skew = fc.constantFrom(0, 0, 0, 2 * HOUR, -2 * HOUR, 3 * DAY, 40_000, -40_000);
  const look = fc.record({ minutes: fc.integer({ min: 2, max: 40 }), skew, act, inventory: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(look, { minLength: 3, maxLength: 9 }), async looks => {
      lab = await startLab({ discovered: true, guests: 9 });
      try {
        const { world, clock } = lab.sim;
        const starts = [clock.now()];
        for (const [n, { minutes, skew, act, inventory }] of looks.entries()) {
          clock.advance((minutes * MINUTE) / 2);
          const [vmid] = world.find({ type: 'qemu', template: false, node: n % 2 ? 'pve1' : 'pve2' });
          if (act === 'down') world.nodeDown('pve2', { haRecovery: false });
          if (act === 'up') world.nodeUp('pve2', { start: 'all' });
          if (act === 'create') world.createGuest({ node: 'pve1' });
          if (vmid !== undefined && act === 'edit') world.setTags(vmid, [`look-${n}`]);
          if (vmid !== undefined && act === 'stop' && n % 2) world.stop(vmid);
          if (vmid !== undefined && act === 'start' && n % 2) world.start(vmid);
          clock.advance((minutes * MINUTE) / 2);
          lab.skew = skew;
          await lab.discover(inventory ? { facets: ['inventory'] } : { deep: true });
          starts.push(clock.now());
        }
        lab.skew = 0;
        world.nodeUp('pve2', { start: 'all' });
        clock.advance(5 * MINUTE);
        await lab.discover({ deep: true });
        const versions = await lab.store.versions({});
        expect(windowsBesideTruth(versions, lab.sim.truth.events), JSON.stringify(looks)).toEqual([]);
        expect(inventedChanges(versions, lab.sim.truth.events)).toEqual([]);
        expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
        for (const version of versions) {
          if (version.change === 'discovered') continue;
          expect(
            version.windowAfter!,
            `${version.type}/${version.resourceId} of ${JSON.stringify(looks)}`,
          ).toBeGreaterThan(starts[0]! - MINUTE);
        }
      } finally {
        await lab.close();
      }
    }),
    { numRuns: propertyRuns(3), interruptAfterTimeLimit: 30_000 },
  );
  lab = await startLab({ guests: 1 });
});

// Kills: asking from a clock that is wrong while one asks.
test.each([2 * HOUR, -2 * HOUR, 2 * DAY])('our clock is off by %i ms for one look', async skew => {
  const { told, tagAt } = await live([
    { minutes: 10, skew: 0 },
    { minutes: 30, skew },
    { minutes: 30, skew: 0 },
    { minutes: 30, skew: 0 },
  ]);
  for (const { at, tag } of told) expect(await tagAt(iso(at + MINUTE))).toBe(tag);
  const { history } = await lab.call('show_history', { since: '75m', max_age_seconds: 31_536_000 });
  expect(history.filter((one: { fields?: object }) => one.fields)).toHaveLength(3);
});
