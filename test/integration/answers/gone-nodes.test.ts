import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';
import type { PveRow } from '../../support/pve-row.ts';
import { storyOf } from '../../support/story.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ guests: 20 });
});
afterEach(() => lab.close());

/** As after `pvecm delnode`: the node is gone, while its guests' files still lie in /etc/pve/nodes. */
const leave = (node: string) => {
  lab.sim.faults.add({
    match: '/cluster/resources',
    kind: 'alter',
    alter: (rows: PveRow[]) => rows.filter(row => row.node !== node || ['qemu', 'lxc'].includes(row.type)),
  });
  lab.sim.faults.add({
    match: '/cluster/status',
    kind: 'alter',
    alter: (rows: PveRow[]) => {
      const left = rows.filter(row => row.name !== node);
      for (const row of left) if (row.type === 'cluster') row.nodes -= 1;
      return left;
    },
  });
};

// Kills: "the row says running, and the node is not known to be off".
test('guests listed on a node that left are unknown, with the last known status, and need attention', async () => {
  await lab.discover();
  const tell = storyOf(lab);
  await tell();
  const there = (await lab.store.guests('vm', { node: 'pve3' })).rows;
  const ran = there.filter(guest => guest.status === 'running');
  expect(ran.length).toBeGreaterThan(0);
  leave('pve3');
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await tell()).toEqual(['node/pve3 deleted']);
  const at = new Date((await lab.store.lastCommit())!.at + 1).toISOString();
  for (const when of [{}, { at }]) {
    const args = { node: 'pve3', limit: 500, max_age_seconds: 3_600, ...when };
    const { vms } = await lab.call('list_vms', args);
    expect(vms.map(row => row.vmid)).toEqual(there.map(guest => guest.id));
    for (const row of vms) expect(row.status).toBe('unknown');
    const lost = vms.find(row => row.vmid === ran[0]!.id);
    expect(lost!.last_status).toBe('running');
    expect((await lab.call('list_vms', { ...args, status: 'running' })).total).toBe(0);
    expect((await lab.call('list_vms', { ...args, status: 'unknown' })).total).toBe(there.length);
  }
  const status = await lab.call('get_cluster_status', { max_age_seconds: 3_600 });
  const running = (await lab.store.guests('vm')).rows.filter(
    guest => guest.status === 'running' && guest.nodeId !== 'pve3' && !guest.template,
  );
  expect(status.vms.running).toBe(running.length);
  expect(status.vms.unknown).toBe(there.filter(guest => !guest.template).length);
  expect(status.nodes.total).toBe(2);
  expect(status.attention).toContainEqual({
    what: 'node/pve3',
    why: expect.stringContaining('not part of the cluster'),
    next: expect.stringContaining('/etc/pve/nodes'),
  });
  const { resource } = await lab.call('get_resource', {
    resource: `vm/${ran[0]!.id}`,
    max_age_seconds: 3_600,
  });
  expect(resource).toMatchObject({
    status: 'unknown',
    last_status: 'running',
    unseen_reason: 'node pve3 is not part of the cluster (any more)',
  });
  lab.sim.faults.clear();
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await tell()).toContain('node/pve3 created');
  expect((await lab.call('list_vms', { node: 'pve3', status: 'unknown' })).total).toBe(0);
});
