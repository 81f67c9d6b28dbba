import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';
import { propertyRuns } from '../../support/soak.ts';

const MINUTE = 60_000;
/** After so long (ms) a row tells nothing any more. */
const SHOWN_MS = 5 * MINUTE;

/** A node whose row repeats what it last broadcast while its statistics hang, whose API may hang, and that may boot. */
class Life {
  readonly lab: Lab;
  readonly boots: number[] = [];
  #mute: (() => void) | null = null;
  #hung = false;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  setMute(mute: boolean): void {
    if (mute === (this.#mute !== null)) return;
    this.#mute?.();
    this.#mute = null;
    if (!mute) return;
    const since = this.lab.sim.clock.now();
    let told: number | undefined;
    this.#mute = this.lab.sim.faults.add({
      match: '/cluster/resources',
      kind: 'alter',
      alter: (rows: { node?: string; type: string; uptime?: number; status?: string }[]) => {
        const row = rows.find(one => one.type === 'node' && one.node === 'pve2')!;
        told ??= row.uptime;
        if (this.lab.sim.clock.now() - since < SHOWN_MS) row.uptime = told;
        else Object.assign(row, { status: 'unknown', uptime: undefined });
      },
    });
  }

  setHung(hung: boolean): void {
    this.#hung = hung;
    this.lab.sim.world.nodeFrozen('pve2', hung);
  }

  boot(downMs: number): void {
    const { world, clock } = this.lab.sim;
    const hung = this.#hung;
    world.nodeDown('pve2', { haRecovery: false });
    clock.advance(downMs);
    world.nodeUp('pve2');
    this.boots.push(clock.now() - 45_000);
    this.setHung(hung);
  }

  /** All boots that history tells of the node since its first look, oldest first. */
  async told(): Promise<number[]> {
    const resource = { type: 'node', id: 'pve2' } as const;
    const versions = await this.lab.store.versions({ resource, changesOnly: true }, { limit: 100 });
    const fields = versions.flatMap(({ fields, windowAfter, windowBefore }) =>
      fields.flatMap(one => (one.path === 'started_at' ? [{ ...one, windowAfter, windowBefore }] : [])),
    );
    for (const { to, windowAfter, windowBefore } of fields) {
      // A node that was off at the last look had begun to boot a moment before.
      expect(Number(to)).toBeGreaterThanOrEqual(windowAfter! - MINUTE);
      expect(Number(to)).toBeLessThanOrEqual(windowBefore + 3_000);
    }
    return fields.map(({ to }) => Number(to)).reverse();
  }
}

const step = fc.record({
  mute: fc.boolean(),
  hung: fc.boolean(),
  boots: fc.boolean(),
  downMs: fc.constantFrom(MINUTE, 2 * MINUTE, 20 * MINUTE),
  waitMs: fc.constantFrom(5_000, 20_000, 70_000, 3 * MINUTE, 10 * MINUTE),
});

// Kills: a row that repeats an old uptime, taken for a boot after the node itself told a longer one; started_at by our clock.
test.each([0, 7 * MINUTE])('a node has booted when it says so (our clock %i ms ahead)', async skew => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async steps => {
      const lab = await startLab({ guests: 3, skew });
      try {
        const life = new Life(lab);
        await lab.discover();
        for (const { mute, hung, boots, downMs, waitMs } of steps) {
          life.setMute(mute);
          life.setHung(hung);
          if (boots) life.boot(downMs);
          lab.sim.clock.advance(waitMs);
          await lab.discover({ facets: ['inventory'] });
          for (const at of await life.told()) expect(life.boots.some(boot => near(boot, at))).toBe(true);
        }
        life.setMute(false);
        life.setHung(false);
        lab.sim.clock.advance(MINUTE);
        await lab.discover({ facets: ['inventory'] });
        const told = await life.told();
        const last = life.boots.at(-1);
        if (last !== undefined) expect(near(told.at(-1) ?? 0, last), `${told} of ${life.boots}`).toBe(true);
        expect(told.length).toBeLessThanOrEqual(life.boots.length);
      } finally {
        await lab.close();
      }
    }),
    { numRuns: propertyRuns(4) },
  );
});

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 20_000;
}
