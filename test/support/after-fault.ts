import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { brokenChains, differencesFromTruth, inventedChanges } from './compare-truth.ts';
import type { Lab } from './lab.ts';

/** Something of each kind happens while nobody may be able to see it: a stop, an edit, a life that ends and one that begins. */
export function changeSomething({ sim }: Lab, turn = 0): void {
  const { world } = sim;
  const [doomed] = world.find({ type: 'lxc', ha: false, template: false });
  const [running] = world.find({ type: 'qemu', status: 'running', ha: false });
  if (running !== undefined) world.stop(running);
  world.editConfig(world.find({ type: 'qemu', template: false })[0]!, { description: `turn ${turn}` });
  if (doomed !== undefined) world.deleteGuest(doomed);
  world.createGuest({ type: turn % 2 === 0 ? 'lxc' : 'qemu' });
}

/** A fault may have kept things from being seen, but nothing false may stand in history. */
export async function expectNothingFalse({ store, sim }: Lab): Promise<void> {
  expect(inventedChanges(await store.versions({}), sim.truth.events)).toEqual([]);
  expect(await brokenChains(store)).toEqual([]);
}

/** Once the fault is over, the next runs see everything there is, and history is exact. */
export async function expectHealed(lab: Lab): Promise<void> {
  lab.sim.faults.clear();
  // What the failed run had asked at once may still be failing.
  await sleep(100);
  lab.sim.clock.advance(31_000);
  await lab.discover();
  await expectNothingFalse(lab);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  const versions = await lab.store.countVersions({});
  lab.sim.clock.advance(31_000);
  await lab.discover({ deep: true });
  expect(await lab.store.countVersions({})).toBe(versions);
  expect(await lab.call('list_vms', { max_age_seconds: 0 })).toMatchObject({ source: 'live' });
}

/** Lets `act` happen as soon as the API has been asked so many times from now on. */
export async function whenAsked({ sim }: Lab, times: number, act: () => unknown): Promise<void> {
  const from = sim.requests.list.length;
  while (sim.requests.list.length - from < times) await new Promise(resolve => setImmediate(resolve));
  await act();
}
