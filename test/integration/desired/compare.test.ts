import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10);

interface Field {
  path: string;
  from: unknown;
  to: unknown;
  state: string;
}
interface Drift {
  resource: string;
  change: string;
  fields?: Field[];
  causes?: { user: string; type: string; fields?: string[] }[];
  why_unknown?: string;
}

describe('comparing with what is declared', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ guests: 24, configMaxAgeMs: 0 });
  });
  afterAll(() => lab.close());

  const drifts = async (args: object = {}): Promise<Drift[]> => {
    const rows: Drift[] = [];
    let cursor: string | undefined;
    do {
      const page = await lab.call(
        'diff_state',
        cursor ? { cursor } : { from: 'declared', max_age_seconds: 0, ...args },
      );
      rows.push(...page.changes);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return rows;
  };
  const declareAllLikeNow = () => lab.call('declare_state', { like: 'now' });
  const pathsOf = (rows: Drift[]) =>
    rows.flatMap(({ resource, change, fields = [] }) =>
      change === 'missing' ? [`${resource} missing`] : fields.map(({ path }) => `${resource} ${path}`),
    );

  /** What somebody may do to a guest by its number, with the fields of it that move. */
  const user = { user: 'bob@pve' };
  const acts: { [name: string]: (vmid: number, n: number) => void } = {
    memory: (vmid, n) => lab.sim.world.editConfig(vmid, { memory: 512 * (1 + (n % 8)) }, user),
    onboot: (vmid, n) => lab.sim.world.editConfig(vmid, { onboot: n % 2 ? 1 : null }, user),
    notes: (vmid, n) => lab.sim.world.editConfig(vmid, { description: `note ${n}` }, user),
    vlan: (vmid, n) => lab.sim.world.editProperty(vmid, 'net0', 'tag', String(10 + (n % 50)), user),
    rename: (vmid, n) => lab.sim.world.rename(vmid, `name-${n}`, user),
    tags: (vmid, n) => lab.sim.world.setTags(vmid, [`t${n}`, 'x'], user),
    pool: (vmid, n) => lab.sim.world.setPool(vmid, n % 2 ? 'dev' : null),
    power: (vmid, _n) => {
      if (lab.sim.world.find({ status: 'running' }).includes(vmid)) lab.sim.world.stop(vmid, user);
      else lab.sim.world.start(vmid, user);
    },
  };

  it('finds nothing right after like now, and after any change exactly that with its author', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(acts)), fc.nat(1_000), async (act, n) => {
        await declareAllLikeNow();
        expect(pathsOf(await drifts())).toEqual([]);
        const guests = lab.sim.world.find({ template: false });
        const vmid = guests[n % guests.length]!;
        const known = lab.sim.truth.events.length;
        lab.sim.clock.advance(60_000);
        acts[act]!(vmid, n);
        lab.sim.clock.advance(60_000);
        const events = lab.sim.truth.events.slice(known);
        const rows = await drifts();
        const declared: string[] = Object.keys(
          (await lab.call('declare_state', { resource: String(vmid) })).rules[0]!.fields,
        );
        const moved = new Set(
          events
            .flatMap(({ resource, fields = [] }) =>
              fields.map(({ path }) => ({ resource, path: path.replace(/^(?:pending|config)\./, '') })),
            )
            .filter(({ path }) => declared.includes(path))
            .map(({ resource, path }) => `${resource} ${path}`),
        );
        expect(new Set(pathsOf(rows).map(path => path.replace(' config.', ' ')))).toEqual(moved);
        for (const { causes = [], resource, why_unknown: why } of rows) {
          const act = events.find(event => event.resource === resource)!;
          for (const cause of causes) expect(cause.user).toBe(act.cause!.user);
          expect(causes.length > 0 || why !== undefined).toBe(true);
          const recorded =
            act.cause !== undefined &&
            (act.task !== undefined || (resource.startsWith('vm/') && act.cause.user === 'bob@pve'));
          if (recorded) expect(causes.map(cause => cause.user)).toContain('bob@pve');
        }
      }),
      { numRuns: RUNS, seed: 7 },
    );
  });
});

it('of any cluster nothing differs from what was just taken of it, and what nobody declared never does', async () => {
  for (let seed = 2; seed < 2 + Math.max(2, RUNS / 10); seed++) {
    const lab = await startLab({ guests: 16, seed, nodes: 1 + (seed % 3), configMaxAgeMs: 0 });
    try {
      await lab.discover({ deep: true });
      await lab.call('declare_state', { like: 'now' });
      const { changes, counts } = await lab.call('diff_state', { from: 'declared', limit: 100 });
      expect(changes, `seed ${seed}`).toEqual([]);
      expect(counts.resources).toBeGreaterThan(10);
      await lab.call('declare_state', { rollback_to: 1 });
      for (const id of (await lab.store.declaration())!.content.rules.map(rule => rule.id))
        await lab.call('declare_state', { remove: [id] });
      await lab.call('declare_state', { type: 'vm', set: ['tags-=never-there'] });
      lab.sim.clock.advance(60_000);
      for (const vmid of lab.sim.world.find({ template: false }))
        lab.sim.world.editConfig(vmid, { memory: 1024, onboot: 1, description: 'x' }, { user: 'bob@pve' });
      lab.sim.clock.advance(60_000);
      const after = await lab.call('diff_state', { from: 'declared', max_age_seconds: 0 });
      expect(after.changes, `seed ${seed}`).toEqual([]);
    } finally {
      await lab.close();
    }
  }
});
