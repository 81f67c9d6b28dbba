import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resources } from '../../../resources/index.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { adoptCluster, examineCluster } from '../../../src/discovery/index.ts';
import { FACETS } from '../../../src/model/facet.ts';
import { createProxmoxClient } from '../../../src/proxmox/index.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts';
import { tools } from '../../../tools/index.ts';
import { fakeHost } from '../../support/cli-host.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import type { PveRow } from '../../support/pve-row.ts';

const ROOT = Array(32).fill('AB').join(':');

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ guests: 16 });
});
afterEach(() => lab.close());

/** From now on the nodes show another root certificate. */
const renew = async (fingerprint = ROOT, restarted = true) => {
  lab.sim.faults.add({
    match: /\/certificates\/info$/,
    kind: 'alter',
    alter: (rows: PveRow[]) => {
      for (const row of rows) if (row.filename === 'pve-root-ca.pem') row.fingerprint = fingerprint;
    },
  });
  if (restarted) await lab.restart();
};
const examine = () => examineCluster(lab.store, lab.client, () => lab.sim.clock.now());
const everything = { facets: new Set(FACETS), deep: false, guests: new Set<string>(), maxAgeMs: 0 };

describe('a renewed root certificate', () => {
  test('the store goes on answering as stale, naming the command, and records nothing', async () => {
    await lab.discover();
    const before = await lab.store.cluster();
    const versions = await lab.store.countVersions({});
    await renew();
    lab.sim.world.shutdownInside(lab.sim.world.find({ status: 'running', ha: false })[0]!);
    lab.sim.clock.advance(31_000);
    for (const tool of tools.filter(one => 'max_age_seconds' in one.input && one.name !== 'get_task')) {
      const answer = await lab.call(tool.name, { ...tool.example, max_age_seconds: 0 });
      expect(answer, tool.name).toMatchObject({
        source: 'store',
        stale: { since: expect.any(String), reason: expect.stringContaining('proxmox-mpc db adopt') },
      });
    }
    await expect(lab.discover()).rejects.toThrow(/belongs to cluster "lab" .*db adopt/);
    expect(await lab.store.cluster()).toEqual(before);
    expect(await lab.store.countVersions({})).toBe(versions);
  });

  test('adopted, discovery goes on, and what happened meanwhile is told', async () => {
    await lab.discover();
    await renew();
    await expect(lab.discover()).rejects.toThrow('db adopt');
    const vmid = lab.sim.world.find({ type: 'qemu', status: 'running', ha: false })[0]!;
    lab.sim.world.shutdownInside(vmid);
    const adoption = await examine();
    expect(adoption).toMatchObject({
      known: false,
      found: { name: 'lab', rootFingerprint: ROOT },
      resemblance: { verdict: 'same', nodes: { known: 3, found: 3 }, identities: { other: 0 } },
    });
    await adoptCluster(lab.store, adoption);
    expect((await lab.store.cluster())!.rootFingerprint).toBe(ROOT);
    lab.sim.clock.advance(31_000);
    await lab.discover();
    expect((await lab.store.guest('vm', vmid))!.status).toBe('stopped');
    expect(await examine()).toMatchObject({ known: true });
  });

  test('adopted by another process, is taken by one that has seen the former', async () => {
    await lab.discover();
    await renew(ROOT, false);
    await adoptCluster(lab.store, await examine());
    lab.sim.clock.advance(31_000);
    await lab.discover();
    expect(await lab.call('list_vms', { max_age_seconds: 0 })).toMatchObject({ source: 'live' });
  });

  test('is not adopted while too little proves it, nor where guests are other ones', async () => {
    await lab.discover();
    await renew();
    const vms = lab.sim.world.find({ type: 'qemu' });
    const restore = lab.sim.faults.add({ match: /\/qemu\/\d+\/config$/, kind: 'status', status: 500 });
    const blind = await examine();
    expect(blind.resemblance.verdict).toBe('unsure');
    await expect(adoptCluster(lab.store, blind)).rejects.toThrow('Not adopted: no guest could be asked');
    restore();
    lab.sim.world.editConfig(vms[0]!, { smbios1: 'uuid=11111111-2222-3333-4444-555555555555', vmgenid: '0' });
    const doubtful = await examine();
    expect(doubtful.resemblance).toMatchObject({ verdict: 'unsure', identities: { other: 1 } });
    await expect(adoptCluster(lab.store, doubtful)).rejects.toThrow('Not adopted: 1 of');
    expect((await lab.store.cluster())!.rootFingerprint).not.toBe(ROOT);
  });

  test('a store of containers alone is adopted by their names and network cards, and not without', async () => {
    for (const vmid of lab.sim.world.find({ type: 'qemu' })) lab.sim.world.deleteGuest(vmid);
    await lab.discover({ deep: true });
    await renew();
    const blind = lab.sim.faults.add({ match: /\/lxc\/\d+\/config$/, kind: 'status', status: 500 });
    expect((await examine()).resemblance).toMatchObject({ verdict: 'unsure' });
    expect(await lab.call('list_containers', { max_age_seconds: 0 })).toMatchObject({ source: 'store' });
    blind();
    const adoption = await examine();
    expect(adoption.resemblance).toMatchObject({ verdict: 'same', identities: { other: 0 } });
    await adoptCluster(lab.store, adoption);
    lab.sim.clock.advance(31_000);
    await lab.discover();
    expect(await lab.call('list_containers', { max_age_seconds: 0 })).toMatchObject({ source: 'live' });
  });
});

describe('another cluster', () => {
  const withOther = async (
    other: Simulator,
    act: (client: ReturnType<typeof createProxmoxClient>) => Promise<void>,
  ) => {
    const { url } = await other.start();
    const client = createProxmoxClient({
      urls: [url],
      credentials: { token: other.tokens.full },
      tls: { ca: other.caPem },
    });
    try {
      await act(client);
    } finally {
      client.close();
      await other.stop();
    }
  };

  test.each([
    ['by another name, with the very same guests', { clusterName: 'other' }, 'another name'],
    ['by the same name, with other guests', { seed: 2 }, 'guests asked are other ones'],
    ['without any guest', { guests: 0 }, 'no guest could be asked'],
  ] as const)('%s is not adopted', async (_, options, reason) => {
    await lab.discover();
    const stored = await lab.store.cluster();
    await withOther(await createSimulator({ guests: 16, ...options }), async client => {
      const adoption = await examineCluster(lab.store, client, () => lab.sim.clock.now());
      expect(adoption.resemblance.verdict).not.toBe('same');
      await expect(adoptCluster(lab.store, adoption)).rejects.toThrow(reason);
    });
    expect(await lab.store.cluster()).toEqual(stored);
  });

  test('with the same nodes, VMIDs and identities is the one case that only a person can tell', async () => {
    await lab.discover();
    await withOther(await createSimulator({ guests: 16 }), async client => {
      const { resemblance, stored, found } = await examineCluster(lab.store, client, () =>
        lab.sim.clock.now(),
      );
      expect(resemblance.verdict).toBe('same');
      expect(found.rootFingerprint).not.toBe(stored.rootFingerprint);
    });
  });
});

describe('a node that stood alone', () => {
  const rename = (sim: Simulator, from: string, to: string) => {
    const renamed = (text: string) =>
      JSON.parse(JSON.stringify(text).replaceAll(`"${from}"`, `"${to}"`).replaceAll(`/${from}"`, `/${to}"`));
    sim.faults.add({ match: /^\/cluster\/(resources|status)$/, kind: 'alter', alter: renamed });
  };

  test('a lone node that was renamed keeps answering, and is adopted by its guests', async () => {
    const alone = await startLab({ discovered: true, guests: 8, nodes: 1, clusterName: null });
    try {
      rename(alone.sim, 'pve1', 'newname');
      await alone.restart();
      await expect(alone.discover()).rejects.toThrow(/"pve1"|"newname"/);
      expect(await alone.call('list_vms', { max_age_seconds: 0 })).toMatchObject({ source: 'store' });
    } finally {
      await alone.close();
    }
  });
});

describe('the command', () => {
  const run = async (argv: string[], agrees = false) => {
    const { host, ran } = fakeHost({ agrees });
    const code = await runProgram(['db', 'adopt', ...argv], {
      ...host,
      store: async () => ({
        options: { url: `file:${lab.folder}/store.db`, packageRoot: process.cwd() },
        historyDays: 0,
        timeZone: 'UTC',
      }),
      adoption: async () => ({ examine, adopt: one => adoptCluster(lab.store, one), close: async () => {} }),
    });
    return { ...ran, code };
  };

  test('shows both fingerprints, asks, and says what it did', async () => {
    await lab.discover();
    const former = (await lab.store.cluster())!.rootFingerprint!;
    await renew();
    const refused = await run([]);
    expect(refused.code).not.toBe(0);
    expect(refused.out).toContain(former);
    expect(refused.out).toContain(ROOT);
    expect((await lab.store.cluster())!.rootFingerprint).toBe(former);
    expect((await run([], true)).out).toContain('Adopted');
    expect(await run(['--yes'])).toMatchObject({ code: 0, out: expect.stringContaining('nothing to adopt') });
  });

  test('tells scripts by --json, also why it refused', async () => {
    await lab.discover();
    await renew();
    const restore = lab.sim.faults.add({ match: /\/qemu\/\d+\/config$/, kind: 'status', status: 500 });
    const refused = await run(['--json', '--yes']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      adopted: false,
      verdict: 'unsure',
      reason: expect.any(String),
    });
    restore();
    const done = await run(['--json', '--yes']);
    expect(JSON.parse(done.out)).toMatchObject({
      adopted: true,
      verdict: 'same',
      found: { rootFingerprint: ROOT },
    });
  });
});

test('resources answer from the store, too', async () => {
  await lab.discover();
  await renew();
  expect(resources.length).toBeGreaterThan(5);
  expect(await lab.discovery.ensure(everything)).toMatchObject({
    source: 'store',
    stale: { reason: { text: expect.stringContaining('db adopt') } },
  });
});
