import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';
import { startStory, storyOf } from '../../support/story.ts';

/** A cluster that has the same nodes, VMIDs and token, though every guest of it is another one. */
let twin: Simulator;
const BOTH = /belongs to cluster "lab".* but the API is cluster "twin"/;
let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  twin = await createSimulator({ guests: 8, clusterName: 'twin' });
  for (const vmid of twin.world.find({ template: false })) {
    twin.world.editConfig(vmid, { description: 'of the twin' });
    twin.world.setTags(vmid, ['twin']);
  }
  twin.world.setNodeVersion('pve1', '8.4.1');
  twin.world.editStorage('nas', { content: ['iso'] });
  const { url } = await twin.start();
  ({ lab, story } = await startStory({
    guests: 8,
    urls: own => [own, url],
    tls: sim => ({ ca: sim.caPem + twin.caPem }),
  }));
});
afterEach(async () => {
  await lab.close();
  await twin.stop();
});

// Kills: "the cluster was checked when the run began": whoever answers after a failover may be another one.
test('a failover to another cluster in mid-run brings nothing of it, and is refused with both names', async () => {
  lab.sim.requests.reset();
  await lab.discover({ deep: true });
  const calls = lab.sim.requests.count();
  for (let after = 0; after < calls; after += times(4, 1)) {
    const restore = lab.sim.faults.add({ match: /./, kind: 'reset', after });
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true }).catch(() => {});
    expect(await story(), `cut after ${after} calls`).toEqual([]);
    await expect(lab.discover({ deep: true })).rejects.toThrow(BOTH);
    await expect(lab.call('list_vms', { max_age_seconds: 0 })).rejects.toThrow(BOTH);
    restore();
  }
  expect(twin.requests.count()).toBeGreaterThan(0);
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  expect((await lab.store.cluster())!.name).toBe('lab');
});

// Kills: "another name is another cluster": a node that stood alone makes one, and its history goes on.
test('a node that stood alone and made a cluster is the same one; a cluster by another name is not', async () => {
  const alone = await startLab({ discovered: true, guests: 4, nodes: 1, clusterName: null });
  try {
    const tell = storyOf(alone);
    await tell();
    alone.sim.world.createCluster('grown');
    alone.sim.clock.advance(60_000);
    await alone.restart();
    await alone.discover();
    expect(await tell()).toEqual([]);
    expect((await alone.store.cluster())!.name).toBe('grown');
    alone.sim.world.createCluster('another');
    await expect(alone.discover()).rejects.toThrow(/belongs to cluster "grown"/);
  } finally {
    await alone.close();
  }
});
