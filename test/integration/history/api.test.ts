import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDiscovery } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { FACETS } from '../../../src/model/facet.ts';
import { reasonText } from '../../../src/model/reason-text.ts';
import { createProxmoxClient } from '../../../src/proxmox/index.ts';
import { createSimulator, type FaultKind } from '../../../src/simulator/index.ts';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';
import { plainRunning, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  story = storyOf(lab);
});
afterEach(() => lab.close());

const everything = { facets: new Set(FACETS), guests: new Set<string>(), deep: false };

// Kills: "an answer of 200 is complete and well-formed".
test.each<FaultKind>([
  'cut-list',
  'status',
  'html',
  'truncate',
  'nulldata',
  'wrong-types',
  'reset',
])('whichever answer comes as %s, nothing false is recorded, and the next look is right', async kind => {
  await story();
  const answers = [
    ...['/cluster/resources', '/cluster/status', '/access/permissions', '/storage'],
    ...[/\/(tasks|storage)$/, '/cluster/log'],
  ];
  for (const [at, match] of answers.entries()) {
    const remove = lab.sim.faults.add({ match, kind, keep: 0.5 });
    await lab.discover().catch(() => {});
    remove();
    lab.sim.clock.advance(31_000);
    // After each in the soak, else after every second.
    if (SOAK || at % 2 === 1) await lab.discover();
  }
  expect(await story()).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "a guest that cannot be read has no configuration".
test('a guest whose answers fail keeps what is known; its change is told once it can be confirmed', async () => {
  await story();
  const vmid = plainRunning(lab);
  lab.sim.faults.add({
    match: new RegExp(`/qemu/${vmid}/(pending|status/current)$`),
    kind: 'status',
    times: 2,
  });
  lab.sim.world.stop(vmid);
  await lab.discover();
  expect(await story()).toEqual([]);
  lab.sim.faults.clear();
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | status running -> stopped`]);
});

// Kills: throwing where there is an old answer, or giving it as fresh; waiting for every call's timeout.
test('while the API is down the store answers, quickly and with its age; the next success closes the gap', async () => {
  await story();
  const since = lab.sim.clock.now();
  const vmid = plainRunning(lab);
  const ask = () => lab.discovery.ensure({ ...everything, maxAgeMs: 30_000 });
  lab.sim.faults.add({ match: /./, kind: 'slow', delayMs: 1_500 });
  lab.sim.clock.advance(60_000);
  await lab.sim.stop();
  expect(await ask()).toMatchObject({ source: 'store', stale: { since } });
  for (let call = 0; call < 5; call++) {
    const answer = await ask();
    expect(reasonText(answer.stale!.reason)).toMatch(/does not answer/);
    lab.sim.clock.advance(2_000);
  }
  expect(await story()).toEqual([]);
  lab.sim.faults.clear();
  lab.sim.world.stop(vmid);
  await lab.sim.start({ port: Number(new URL(lab.client.baseUrl).port) });
  await vi.waitFor(
    async () => {
      lab.sim.clock.advance(10_000);
      await lab.discover();
    },
    { timeout: 5_000, interval: 100 },
  );
  expect((await ask()).source).toBe('live');
  expect(await story()).toEqual([`vm/${vmid} updated | status running -> stopped`]);
});

// Kills: a breaker that only helps where connections are refused.
test('an API that hangs costs one wait, not one per question', async () => {
  const timeoutMs = 1_000;
  const patient = await startLab({ discovered: true, guests: 4, timeoutMs });
  try {
    patient.sim.faults.add({ match: /./, kind: 'slow', delayMs: 2_000 });
    patient.sim.clock.advance(60_000);
    await patient.discover().catch(() => {});
    for (let call = 0; call < 3; call++) {
      const started = performance.now();
      const answer = await patient.discovery.ensure({ ...everything, maxAgeMs: 30_000 });
      // Whoever waits, waits that long at least.
      expect(performance.now() - started).toBeLessThan(timeoutMs);
      expect(answer.source).toBe('store');
      patient.sim.clock.advance(5_000);
    }
  } finally {
    await patient.close();
  }
});

// Kills: answering zero guests.
test('an empty store with the API down is an error that says why', async () => {
  await lab.close();
  lab = await startLab({ guests: 4 });
  await lab.sim.stop();
  await expect(lab.discovery.ensure({ ...everything, maxAgeMs: 30_000 })).rejects.toThrow(/does not answer/);
  await expect(lab.discovery.ensure({ ...everything, maxAgeMs: 30_000 })).rejects.toThrow(/does not answer/);
  expect(await lab.store.versions({})).toEqual([]);
});

// Kills: "one store, whatever the address leads to": the old cluster would be deleted and the new one created.
test('the store of another cluster is refused with both names, and left as it is', async () => {
  const before = await lab.store.everythingAt(Number.MAX_SAFE_INTEGER);
  const count = await lab.store.countVersions({});
  const other = await createSimulator({ guests: 4, seed: 9, clusterName: 'other' });
  const { url } = await other.start();
  const client = createProxmoxClient({
    urls: [url],
    credentials: { token: other.tokens.full },
    tls: { ca: other.caPem },
  });
  const discovery = createDiscovery({
    store: lab.store,
    client,
    log: noLog,
    configMaxAgeMs: 1,
    now: lab.sim.clock.now.bind(lab.sim.clock),
  });
  try {
    await expect(discovery.discover(everything)).rejects.toThrow(/"lab".*"other"/);
    await expect(discovery.ensure({ ...everything, maxAgeMs: 0 })).rejects.toThrow(/"lab".*"other"/);
    expect(await lab.store.everythingAt(Number.MAX_SAFE_INTEGER)).toEqual(before);
    expect((await lab.store.cluster())!.name).toBe('lab');
    expect(await lab.store.countVersions({})).toBe(count);
  } finally {
    await discovery.close();
    client.close();
    await other.stop();
  }
});

// Kills: "the same name is the same cluster".
test('a cluster of the same name with another root certificate is refused', async () => {
  const twin = await createSimulator({ guests: 16, seed: 2 });
  const { url } = await twin.start();
  const client = createProxmoxClient({
    urls: [url],
    credentials: { token: twin.tokens.full },
    tls: { ca: twin.caPem },
  });
  const discovery = createDiscovery({ store: lab.store, client, log: noLog, configMaxAgeMs: 1 });
  try {
    await expect(discovery.discover(everything)).rejects.toThrow(
      /belongs to cluster "lab" \(root certificate/,
    );
  } finally {
    await discovery.close();
    client.close();
    await twin.stop();
  }
});

// Kills: "what is not recorded is not there": a list that leaves out a guest says so.
test('a new guest that cannot be asked, and one that took over a VMID, are named as unseen', async () => {
  const { world } = lab.sim;
  const made = world.createGuest({ type: 'qemu' }).vmid;
  const taken = world.find({ type: 'lxc', template: false, ha: false })[0]!;
  world.reuseVmid(taken, { type: 'lxc' });
  const broken = new RegExp(`/(?:${made}|${taken})/(?:pending|config)$`);
  lab.sim.faults.add({ match: broken, kind: 'status', status: 500 });
  lab.sim.clock.advance(60_000);
  const { unseen } = await lab.call('list_vms');
  const whats = (rows: { what: string }[]) => rows.map(row => row.what).sort();
  expect(whats(unseen)).toEqual([`container/${taken}`, `vm/${made}`]);
  lab.sim.clock.advance(60_000);
  expect(whats((await lab.call('list_containers')).unseen)).toEqual([`container/${taken}`, `vm/${made}`]);
  lab.sim.faults.clear();
  lab.sim.clock.advance(60_000);
  expect((await lab.call('list_vms')).unseen).toBeUndefined();
});
