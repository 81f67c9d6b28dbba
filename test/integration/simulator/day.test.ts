import { expect, it } from 'vitest';
import { runDay } from '../../../src/simulator/day.ts';
import { createSimulator, type TruthEvent, type TruthState } from '../../../src/simulator/index.ts';
import { openLab } from '../../support/simulator-client.ts';

it('the day is the same for the same seed, and skips nothing in a cluster of ordinary size', async () => {
  const [a, b] = await Promise.all([createSimulator({ seed: 3 }), createSimulator({ seed: 3 })]);
  const [first, second] = await Promise.all([runDay(a), runDay(b)]);
  expect(first).toEqual(second);
  expect(first.filter(({ skipped }) => skipped).map(({ label }) => label)).toEqual([]);
  expect(first.at(0)!.at).toBe('06:00');
  expect(first.at(-1)!.at).toBe('22:00');
  expect(a.truth.state()).toEqual(b.truth.state());
});

it('the day can end earlier and be watched', async () => {
  const sim = await createSimulator();
  const seen: string[] = [];
  const steps = await runDay(sim, {
    until: '08:00',
    onStep: async step => {
      await Promise.resolve();
      seen.push(step.at);
    },
  });
  expect(seen).toEqual(steps.map(({ at }) => at));
  expect(seen.at(-1)).toBe('08:00');
});

it.each([
  { nodes: 1, guests: 0, clusterName: null },
  { nodes: 2, guests: 3 },
  { nodes: 1, guests: 30 },
])('runs in a cluster of %o', async options => {
  const sim = await createSimulator(options);
  await expect(runDay(sim)).resolves.not.toHaveLength(0);
});

it.each([
  1, 2, 4, 11,
])('has a truth that adds up (seed %i): the fields of the events lead from the first state to the last', async seed => {
  const sim = await createSimulator({ seed });
  const before = sim.truth.state();
  await runDay(sim);
  const replayed = replay(before, sim.truth.events);
  const after = sim.truth.state();
  for (const [resource, guest] of Object.entries(after.guests)) {
    const known = replayed.get(resource);
    // Guests made during the day have no first state to begin from.
    if (known === undefined) continue;
    expect({ resource, ...known }).toEqual({
      resource,
      status: guest.status,
      node: guest.node,
      name: guest.name,
      pool: guest.pool,
      tags: guest.tags,
    });
  }
  for (const resource of replayed.keys()) expect(after.guests[resource]).toBeDefined();
});

it('the API shows at the end of the day what the truth says', async () => {
  const lab = await openLab();
  await runDay(lab.sim);
  lab.sim.clock.advance(20_000);
  const rows = await lab.rows('/cluster/resources?type=vm');
  const { guests } = lab.sim.truth.state();
  expect(rows).toHaveLength(Object.keys(guests).length);
  for (const row of rows) {
    const guest = guests[`${row.type === 'qemu' ? 'vm' : 'container'}/${row.vmid}`]!;
    expect(row).toMatchObject({ status: guest.status, node: guest.node, template: guest.template ? 1 : 0 });
    const config: { [key: string]: unknown } = await lab.data(
      `/nodes/${row.node}/${row.type}/${row.vmid}/config?current=1`,
    );
    for (const [key, value] of Object.entries(guest.config)) expect(config[key]).toEqual(value);
  }
  await lab.close();
});

function replay(before: TruthState, events: TruthEvent[]): Map<string, Record<string, unknown>> {
  const paths = ['status', 'node', 'name', 'pool', 'tags'] as const;
  const known = new Map<string, Record<string, unknown>>();
  for (const [resource, guest] of Object.entries(before.guests)) {
    known.set(resource, Object.fromEntries(paths.map(path => [path, guest[path]])));
  }
  for (const { resource, change, fields } of events) {
    if (change !== 'updated') known.delete(resource);
    const guest = known.get(resource);
    for (const { path, from, to } of fields ?? []) {
      if (guest === undefined || !(path in guest)) continue;
      expect({ resource, path, from: guest[path] }).toEqual({ resource, path, from });
      guest[path] = to;
    }
  }
  return known;
}
