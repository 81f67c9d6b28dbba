import { afterEach, expect, test } from 'vitest';
import { isSettingType } from '../../../src/model/resource.ts';
import type { BackupJob } from '../../../src/simulator/types.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
afterEach(() => lab.close());

const NIGHTLY: BackupJob = {
  ...{ id: 'nightly', enabled: 1, schedule: '01:00', storage: 'nas', mode: 'snapshot', pool: 'prod' },
  'prune-backups': { 'keep-daily': '7' },
};

/** What history gained of the datacenter since the last call; it looks first. */
function storyOf(lab: Lab): () => Promise<string[]> {
  let seq = 0;
  return async () => {
    lab.sim.clock.advance(400_000);
    await lab.discover();
    const versions = (await lab.store.versions({ after: seq })).reverse();
    seq = (await lab.store.lastCommit())?.seq ?? seq;
    return versions
      .filter(({ type, facet }) => isSettingType(type) || facet === 'datacenter')
      .map(({ type, resourceId, change, fields }) =>
        [
          `${type}/${resourceId} ${change}`,
          ...fields.map(({ path, from, to }) => `${path} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`),
        ].join(' | '),
      )
      .sort();
  };
}

/** Nothing that did not happen, and all that did. */
async function expectTruth(): Promise<void> {
  const versions = await lab.store.versions({});
  const ours = versions.filter(({ facet }) => facet === 'datacenter');
  expect(inventedChanges(ours, lab.sim.truth.events)).toEqual([]);
  expect(await brokenChains(lab.store)).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
}

test('backup jobs, pools, high availability and options have a history of their own', async () => {
  lab = await startLab({ guests: 12 });
  const { world } = lab.sim;
  world.setBackupJobs([NIGHTLY]);
  const story = storyOf(lab);
  expect(await story()).toEqual([
    'backup-job/nightly discovered',
    'cluster/cluster discovered',
    'ha/ct:202 discovered',
    'ha/pin-web discovered',
    'ha/vm:100 discovered',
    ...['dev', 'prod', 'staging'].map(id => `pool/${id} discovered`),
  ]);
  expect(await story()).toEqual([]);
  world.setBackupJobs([
    {
      ...NIGHTLY,
      enabled: 0,
      schedule: 'sat  03:00',
      'prune-backups': { 'keep-daily': '9' },
      exclude: '103,9',
    },
  ]);
  world.setHa(101, 'started');
  world.setPool(102, 'new');
  world.setPoolComment('dev', 'for trying');
  world.setOption('console', 'html5');
  world.setHaRules([{ rule: 'pin-web', type: 'node-affinity', nodes: 'pve2,pve1:3', resources: 'vm:100' }]);
  expect(await story()).toEqual([
    'backup-job/nightly updated | enabled true -> false | exclude [] -> [9,103] | options.prune-backups.keep-daily 7 -> 9 | schedule "01:00" -> "sat 03:00"',
    'cluster/cluster updated | options.console null -> "html5"',
    'ha/pin-web updated | nodes ["pve1:2","pve2"] -> ["pve1:3","pve2"]',
    'ha/vm:101 created',
    'pool/dev updated | comment null -> "for trying"',
    'pool/new created',
  ]);
  world.haStop(101, { user: 'alice@pve' });
  world.removePool('new');
  world.setBackupJobs([]);
  world.setHaRules([]);
  expect(await story()).toEqual([
    'backup-job/nightly deleted',
    'ha/pin-web deleted',
    'ha/vm:101 updated | requested "started" -> "stopped"',
    'pool/new deleted',
  ]);
  world.setBackupJobs([NIGHTLY]);
  expect(await story()).toEqual(['backup-job/nightly created']);
  await expectTruth();

  const ask = async (resource: string) => (await lab.call('show_history', { resource })).history;
  const jobs = await ask('backup-job/nightly');
  expect(jobs.map(one => one.change)).toEqual(['created', 'deleted', 'updated', 'discovered']);
  expect(jobs[1]).toMatchObject({
    causes: [],
    why_unknown: expect.stringContaining('neither task nor log line'),
  });
  // The HA manager was asked by a task, which names the guest.
  expect((await ask('ha/vm/101'))[0]).toMatchObject({ causes: [{ type: 'hastop', user: 'alice@pve' }] });
  expect((await ask('pool/dev'))[0]).toMatchObject({ fields: [{ path: 'comment', to: 'for trying' }] });
  const { changes } = await lab.call('diff_state', { from: '1d', type: 'ha' });
  expect(changes.map(one => `${one.resource} ${one.change}`)).toEqual([
    'ha/pin-web deleted',
    'ha/vm:101 created',
  ]);
  await expect(lab.call('get_resource', { resource: 'pool/nwe' })).rejects.toThrow(/Nothing here is called/);
});

test('what is refused, cut short, hidden or told by a minority deletes nothing and invents nothing', async () => {
  lab = await startLab({ guests: 12 });
  const story = storyOf(lab);
  await story();
  const { world, faults, tokens } = lab.sim;
  world.quorumLoss(true);
  world.removePool('dev');
  world.setOption('console', 'html5');
  expect(await story()).toEqual([]);
  world.quorumLoss(false);
  expect(await story()).toEqual([
    'cluster/cluster updated | options.console null -> "html5"',
    'pool/dev deleted',
  ]);
  const lists = /\/cluster\/backup$|\/pools$|ha\/resources$|ha\/rules$|cluster\/options$/;
  for (const kind of ['status', 'nulldata', 'cut-list', 'wrong-types', 'reset'] as const) {
    const remove = faults.add({ match: lists, kind });
    expect(await story(), kind).toEqual([]);
    remove();
    expect(await story(), kind).toEqual([]);
  }
  // A token that sees one pool, then one that sees all: neither makes nor removes what the other sees.
  world.setRights(tokens.full, [{ path: '/pool/prod', role: 'PVEAuditor' }]);
  expect(await story()).toEqual([]);
  const hidden = await lab.call('get_resource', { resource: 'pool/staging' });
  expect(hidden.resource).toMatchObject({
    unseen_since: expect.any(String),
    unseen_reason: 'the token has no right to see it',
  });
  const job = lab.sim.truth.state().settings;
  const [someJob] = Object.keys(job).filter(key => key.startsWith('backup-job/'));
  expect((await lab.call('get_resource', { resource: someJob! })).resource.unseen_reason).toBeDefined();
  world.setPoolComment('late', '');
  world.removePool('staging');
  expect(await story()).toEqual([]);
  world.setRights(tokens.full, [{ path: '/', role: 'Administrator' }]);
  expect(await story()).toEqual(['pool/late created', 'pool/staging deleted']);
  await expectTruth();
});

test('before Proxmox VE 9 groups do what rules do since: where a guest may run is told, and the upgrade deletes nothing', async () => {
  lab = await startLab({ guests: 12 });
  const { world } = lab.sim;
  const [vmid] = world.find({ type: 'qemu', template: false, status: 'running' }) as [number];
  const { node } =
    lab.sim.truth.state().guests[`qemu/${vmid}`] ??
    Object.values(lab.sim.truth.state().guests).find(one => one.vmid === vmid)!;
  const [first, second] = ['pve1', 'pve2', 'pve3'].filter(one => one !== node) as [string, string];
  world.stop(vmid);
  world.editConfig(vmid, { scsi0: `nas:${vmid}/vm-${vmid}-disk-0.qcow2,size=32G` });
  world.start(vmid);
  world.setHa(vmid, 'started');
  world.setHaGroups([{ group: 'here', nodes: `${node}:2`, restricted: 1, guests: [vmid] }]);
  const story = storyOf(lab);
  expect((await story()).filter(line => /here|pin-web/.test(line))).toEqual([]);
  expect((await lab.call('get_cluster_status')).unseen).toBeUndefined();
  const stuck = async () =>
    (
      await lab.call('check_health', { if_down: node, max_age_seconds: 0 })
    ).impact.cannot_start_elsewhere.find(one => one.resource === `vm/${vmid}`)?.why;
  const rules = async () =>
    (await lab.call('get_resource', { resource: `vm/${vmid}`, max_age_seconds: 0 })).resource.ha_rules;
  expect(await stuck()).toContain(`the HA rule here binds it to ${node}`);
  expect(await rules()).toEqual([`here node-affinity ${node}`]);
  world.setHaGroups([
    { group: 'here', nodes: `${node},${first}:1,${second}`, restricted: 1, guests: [vmid] },
  ]);
  await story();
  expect(await stuck()).toBeUndefined();
  world.setHaGroups([]);
  await story();
  expect(await rules()).toBeUndefined();
  world.setHaGroups([{ group: 'again', nodes: node, guests: [vmid] }]);
  await story();
  expect(await rules()).toEqual([`again node-affinity ${node}`]);
  expect(await stuck()).toBeUndefined();
  // The upgrade: rules there are, groups are no more.
  world.setHaGroups(null);
  expect((await story()).filter(line => /deleted/.test(line))).toEqual([]);
  expect((await rules()) ?? []).not.toContain(`again node-affinity ${node}`);
});

test('before Proxmox VE 9 there are no rules, and a job of vzdump.cron has no id that lasts', async () => {
  lab = await startLab({ guests: 12 });
  const { world, faults } = lab.sim;
  const remove = faults.add({ match: /ha\/rules/, kind: 'status', status: 501 });
  world.setBackupJobs([{ ...NIGHTLY, id: `${'a'.repeat(40)}:1` }]);
  const story = storyOf(lab);
  expect((await story()).filter(line => /backup-job|pin-web/.test(line))).toEqual([]);
  const status = await lab.call('get_cluster_status');
  expect(status.unseen).toBeUndefined();
  expect(status.backups).toMatchObject({ jobs: 1, enabled: 1 });
  remove();
  expect(await story()).toEqual(['ha/pin-web discovered']);
});
