import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';

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
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 12), interruptAfterTimeLimit: 45_000 },
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
