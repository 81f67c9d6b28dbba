import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FACETS } from '../../../src/model/facet.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/*
 * What Proxmox VE 6 to 8, other tools and people's own hands make of an answer, sent over HTTPS. Either form is read as
 * the same, and going from one to the other is no change. Sources: `parse_boolean` in PVE::JSONSchema; `template: ""`
 * before 7 and VMIDs as texts (issue trackers of telegraf, prometheus exporters and Ansible inventories); `hwaddr`,
 * `inet`, `inet6` of containers in clients written for 8.
 */

let lab: Lab;
// What a configuration's own values may look like is in config-forms.test.ts.
beforeEach(async () => {
  lab = await startLab({ guests: 16, configMaxAgeMs: 0 });
});
afterEach(() => lab.close());

type Row = { [key: string]: unknown };

const alter = (match: string | RegExp, change: (rows: Row[]) => unknown) =>
  lab.sim.faults.add({ match, kind: 'alter', alter: change });

/** Each row of a list, changed in place. */
const each = (change: (row: Row) => void) => (rows: Row[]) => rows.forEach(change);

const later = async (facets = [...FACETS]) => {
  lab.sim.clock.advance(31_000);
  return lab.discover({ facets, deep: true });
};

const aVm = (): number =>
  lab.sim.world.find({ type: 'qemu', status: 'running', template: false, ha: false })[0]!;
const aContainer = (): number =>
  lab.sim.world.find({ type: 'lxc', status: 'running', template: false, ha: false })[0]!;
const nodeOf = (vmid: number) => lab.sim.truth.state().guests[`vm/${vmid}`]!.node;
const configOf = async (vmid: number) => (await lab.store.configs([{ type: 'vm', id: vmid }]))[0]!;

describe('the form of a value is no change', () => {
  test('what an earlier version of ours stored in another form is no change either', async () => {
    const vmid = aVm();
    lab.sim.world.editConfig(vmid, { agent: 'enabled=1', memory: '2048' });
    lab.sim.world.restart(vmid);
    await lab.discover({ deep: true });
    const stored = await configOf(vmid);
    const former = { ...stored.config, agent: { enabled: 'yes' }, memory: 'current=2048' };
    const write = await lab.store.acquireLease('test', 60_000);
    const run = await lab.store.startRun(['config']);
    const commit = { runId: run.id, facet: 'config', observedAt: stored.observedAt, complete: true } as const;
    await lab.store.commitFacet(write!, commit, writer =>
      writer.upsertConfigs([{ ...stored, config: former }]),
    );
    await lab.store.releaseLease(write!);
    // When the guest began, which its first look could not tell, may be learnt meanwhile.
    const ofConfig = async () => (await lab.store.versions({})).filter(({ facet }) => facet === 'config');
    const before = await ofConfig();
    await later(['config', 'addresses']);
    expect(await ofConfig()).toEqual(before);
  });

  test('a word is no flag where none is meant', async () => {
    const vmid = aVm();
    alter(/\/pending$/, (rows: Row[]) => [
      ...rows,
      { key: 'keyboard', value: 'no' },
      { key: 'scsi9', value: 'local:x,discard=on' },
    ]);
    await lab.discover({ deep: true });
    expect((await configOf(vmid)).config).toMatchObject({ keyboard: 'no', scsi9: { discard: 'on' } });
  });

  test('memory that got a ceiling keeps what it had', async () => {
    const vmid = aVm();
    const send = (value: string) =>
      alter(/\/pending$/, (rows: Row[]) => [
        ...rows.filter(row => row['key'] !== 'memory'),
        { key: 'memory', value },
      ]);
    const forget = send('2048');
    await lab.discover({ deep: true });
    forget();
    send('current=2048,max=4096');
    await later(['config']);
    const [version] = await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } });
    expect(version!.fields).toEqual([{ path: 'config.memory.max', from: null, to: 4096 }]);
    const { at } = await lab.store.lastCommit().then(commit => commit!);
    const rows = await lab.call('list_vms', { at: new Date(at).toISOString() });
    expect(rows.vms.find(row => row.vmid === vmid)).toMatchObject({ memory_gib: 2 });
  });
});

describe('rows of the listing in older forms', () => {
  const set = (key: string, to: (value: string) => unknown) => (row: Row) => {
    if (row[key] !== undefined) row[key] = to(row[key] as string);
  };
  const listings: [what: string, change: (row: Row) => void][] = [
    ['VMIDs as texts', set('vmid', String)],
    ['template "" and "1"', set('template', flag => (flag ? '1' : ''))],
    ['processors as texts', set('maxcpu', String)],
    ['memory as a text', set('mem', String)],
    ['uptime as a text', set('uptime', String)],
    ['tags with commas', set('tags', tags => tags.split(';').join(','))],
    ['tags with blanks', set('tags', tags => ` ${tags.split(';').join('; ')}`)],
  ];
  test('are the same rows', async () => {
    await lab.discover();
    const before = await lab.store.countVersions({});
    const templates = (await lab.store.guests('vm', { template: true })).total;
    for (const [what, change] of listings) {
      const forget = alter('/cluster/resources', each(change));
      const run = await later();
      forget();
      expect(run.warnings, what).toEqual([]);
      expect(await lab.store.countVersions({}), what).toBe(before);
      expect((await lab.store.guests('vm', { template: true })).total, what).toBe(templates);
      expect(run.unseen, what).toEqual([]);
    }
  });

  test('flags of storages, nodes and quorum as words', async () => {
    await lab.discover();
    const before = await lab.store.countVersions({});
    const words = each(row => {
      for (const key of ['active', 'enabled', 'shared', 'disable', 'online', 'quorate', 'local'])
        if (row[key] !== undefined) row[key] = row[key] ? 'yes' : 'off';
    });
    alter('/storage', words);
    alter(/^\/nodes\/[^/]+\/storage$/, words);
    alter('/cluster/status', words);
    const run = await later();
    expect(run.warnings).toEqual([]);
    expect(await lab.store.countVersions({})).toBe(before);
  });
});

describe('addresses', () => {
  const addressesOf = async (key: string) =>
    (await lab.store.details('addresses', [key]))[0]?.data.interfaces;

  const containers: [what: string, row: Row, ips: string[]][] = [
    [
      'PVE 8: inet with its prefix',
      { hwaddr: 'bc:24:11:00:00:01', inet: '10.1.0.5/24', inet6: 'fe80::1/64' },
      ['10.1.0.5/24'],
    ],
    [
      'several, separated by blanks',
      { hwaddr: 'bc:24:11:00:00:01', inet: '10.1.0.5/24 10.1.0.6/24', inet6: '2001:db8::5/64' },
      ['10.1.0.5/24', '10.1.0.6/24', '2001:db8::5/64'],
    ],
    [
      'several, separated by commas',
      { hwaddr: 'bc:24:11:00:00:01', inet: '10.1.0.5/24,10.1.0.6/24' },
      ['10.1.0.5/24', '10.1.0.6/24'],
    ],
    [
      'both forms at once',
      {
        hwaddr: 'bc:24:11:00:00:01',
        'hardware-address': 'bc:24:11:00:00:01',
        inet: '10.1.0.5/24',
        'ip-addresses': [{ 'ip-address': '10.1.0.5', prefix: '24' }],
      },
      ['10.1.0.5/24'],
    ],
    [
      'an empty new form beside the old one',
      { hwaddr: 'bc:24:11:00:00:01', inet: '10.1.0.5/24', 'ip-addresses': [] },
      ['10.1.0.5/24'],
    ],
    [
      'nulls',
      { hwaddr: 'bc:24:11:00:00:01', inet: '10.1.0.5/24', inet6: null, 'ip-addresses': null },
      ['10.1.0.5/24'],
    ],
  ];
  test('of a container, in every form', async () => {
    const vmid = aContainer();
    for (const [what, row, ips] of containers) {
      const forget = alter(/\/lxc\/\d+\/interfaces$/, () => [
        { name: 'lo', inet: '127.0.0.1/8' },
        { name: 'eth0', ...row },
      ]);
      await later();
      expect(await addressesOf(`container/${vmid}`), what).toEqual([
        { name: 'eth0', mac: 'BC:24:11:00:00:01', ips },
      ]);
      const { matches } = await lab.call('find_resources', { query: '10.1.0.5' });
      expect(matches, what).toContainEqual(expect.objectContaining({ resource: `container/${vmid}` }));
      // None between two of them: what one told is not what the next is taken to tell.
      forget();
      alter(/\/lxc\/\d+\/interfaces$/, () => []);
      await later(['addresses']);
      expect(await addressesOf(`container/${vmid}`), what).toEqual([]);
      lab.sim.faults.clear();
    }
  });

  const one = {
    name: 'eth0',
    'hardware-address': 'bc:24:11:00:00:02',
    'ip-addresses': [{ 'ip-address': '10.1.0.7', prefix: 24 }],
  };
  const agents: [what: string, data: unknown, interfaces: number][] = [
    ['as PVE 9 wraps it', { result: [one] }, 1],
    ['without a wrapper', [one], 1],
    ['as QEMU itself wraps it', { return: [one] }, 1],
    ['wrapped twice', { result: { return: [one] } }, 1],
    [
      'an interface without addresses',
      { result: [{ name: 'tun0' }, one, { name: 'tun1', 'ip-addresses': null }] },
      1,
    ],
    ['none, as null', { result: null }, 0],
    ['none, as an object', { result: {} }, 0],
    ['no data at all', null, 0],
  ];
  test('of a guest agent, however it wraps them', async () => {
    const told = lab.sim.world.find({ type: 'qemu', status: 'running' });
    const look = async (data: unknown) => {
      const forget = alter(/\/agent\/network-get-interfaces$/, () => data);
      await later(['inventory', 'config', 'addresses']);
      forget();
      const keys = told.map(vmid => `vm/${vmid}`);
      const facts = (await lab.store.details('addresses', keys)).map(row => row.data);
      return facts.filter(fact => fact.silent === null).map(fact => fact.interfaces.length);
    };
    for (const [what, data, interfaces] of agents) {
      // What was told before is of another number, so that it does not stand for what is told now.
      await look(interfaces === 0 ? [one] : []);
      const counts = await look(data);
      expect(counts.length, what).toBeGreaterThan(0);
      expect(new Set(counts), what).toEqual(new Set([interfaces]));
    }
  });

  test('an agent is asked in whatever form it is on', async () => {
    const vmid = aVm();
    lab.sim.world.editConfig(vmid, { agent: '1' });
    for (const agent of ['true', 'yes', 'enabled=On', 'type=virtio,enabled=1']) {
      const forget = alter(
        /\/qemu\/\d+\/pending$/,
        each(row => {
          if (row['key'] === 'agent') row['value'] = agent;
        }),
      );
      lab.sim.requests.reset();
      await later();
      expect(await addressesOf(`vm/${vmid}`), agent).toBeDefined();
      expect(lab.sim.requests.count(new RegExp(`/qemu/${vmid}/agent/network`)), agent).toBe(1);
      forget();
    }
  });
});

describe('a guest whose pending list is refused', () => {
  const refusals = [
    { status: 400, reason: 'Parameter verification failed.' },
    { status: 500, reason: 'unable to parse value of pending section' },
    { status: 501, reason: "Method 'GET /nodes/pve1/lxc/200/pending' not implemented" },
  ];
  test.each(refusals)('$status: its stop and its edits are told', async refusal => {
    await lab.discover();
    const vmid = aVm();
    const node = nodeOf(vmid);
    lab.sim.faults.add({ match: `/nodes/${node}/qemu/${vmid}/pending`, kind: 'status', ...refusal });
    lab.sim.world.shutdownInside(vmid);
    lab.sim.world.editConfig(vmid, { description: 'changed' });
    const run = await later();
    expect((await lab.store.guest('vm', vmid))!.status).toBe('stopped');
    const versions = await lab.store.versions({
      resource: { type: 'vm', id: String(vmid) },
      changesOnly: true,
    });
    const paths = versions.flatMap(version => version.fields.map(field => field.path));
    expect(paths).toEqual(expect.arrayContaining(['status', 'config.description']));
    expect(run.unseen).toEqual([
      expect.objectContaining({
        what: { code: 'pending', resource: `vm/${vmid}` },
        reason: { code: 'refused', error: expect.any(String), text: refusal.reason },
      }),
    ]);
  });

  test('what waits is not seen, which is not nothing; once it is seen that is no change', async () => {
    const vmid = aVm();
    const node = nodeOf(vmid);
    lab.sim.world.editConfig(vmid, { bios: 'ovmf' });
    const match = `/nodes/${node}/qemu/${vmid}/pending`;
    lab.sim.faults.add({ match, kind: 'status', status: 400, reason: 'Parameter verification failed.' });
    await lab.discover();
    expect((await configOf(vmid)).pending).toBeNull();
    const { resource } = await lab.call('get_resource', { resource: `vm/${vmid}`, include: ['pending'] });
    expect(resource).toMatchObject({ pending_unseen: expect.any(String) });
    expect(resource).not.toHaveProperty('pending');
    const before = await lab.store.countVersions({ changesOnly: true });
    lab.sim.faults.clear();
    await later();
    expect((await configOf(vmid)).pending).toHaveProperty('bios');
    expect(await lab.store.countVersions({ changesOnly: true })).toBe(before);
    // What was known before a refusal stands.
    lab.sim.faults.add({ match, kind: 'status', status: 500, reason: 'got timeout' });
    await later();
    expect((await configOf(vmid)).pending).toHaveProperty('bios');
    expect(await lab.store.countVersions({ changesOnly: true })).toBe(before);
  });

  test('a refused list of snapshots costs just that', async () => {
    const vmid = aVm();
    lab.sim.world.snapshot(vmid, 'before');
    await lab.discover();
    lab.sim.faults.add({ match: /\/snapshot$/, kind: 'status', status: 500, reason: 'got timeout' });
    lab.sim.world.editConfig(vmid, { description: 'changed' });
    await later();
    expect((await configOf(vmid)).config['description']).toBe('changed');
    expect((await configOf(vmid)).snapshots).toHaveProperty('before');
  });
});

describe('a node whose rows are unknown while its API answers', () => {
  const silent = (rows: Row[]) =>
    rows.map(row => {
      if (row['node'] !== 'pve2' || row['type'] === 'storage') return row;
      const { id, type, node, vmid, pool, hastate, lock } = row;
      return { id, type, node, vmid, pool, hastate, lock, status: 'unknown' };
    });

  test.each(['full', 'none'] as const)('is online, and so are its guests (token: %s)', async token => {
    const other = await startLab({ guests: 16, token: token === 'none' ? 'auditor' : 'full' });
    try {
      const { sim, store } = other;
      if (token === 'none')
        sim.faults.add({
          match: '/cluster/status',
          kind: 'status',
          status: 403,
          reason: 'Permission check failed (/, Sys.Audit)',
        });
      await other.discover();
      const before = await store.countVersions({ changesOnly: true });
      sim.faults.add({ match: '/cluster/resources', kind: 'alter', alter: silent });
      sim.clock.advance(31_000);
      const run = await other.discover();
      expect((await store.nodes()).map(node => node.status)).toEqual(['online', 'online', 'online']);
      expect((await store.nodes()).map(node => node.unseenReason)).toEqual([null, null, null]);
      expect(run.unseen.filter(one => one.facet === 'inventory')).toEqual([]);
      expect(await store.countVersions({ changesOnly: true })).toBe(before);
      const [vmid] = sim.world.find({ type: 'lxc', node: 'pve2', status: 'running', ha: false });
      sim.world.shutdownInside(vmid!);
      sim.clock.advance(31_000);
      await other.discover();
      expect((await store.guest('container', vmid!))!.status).toBe('stopped');
    } finally {
      await other.close();
    }
  });

  test('at first sight, too, a paused VM is paused', async () => {
    const [vmid] = lab.sim.world.find({ type: 'qemu', node: 'pve2', status: 'running', ha: false });
    lab.sim.world.suspend(vmid!);
    alter('/cluster/resources', silent);
    await lab.discover();
    expect((await lab.store.guest('vm', vmid!))!.status).toBe('paused');
  });
});

// Where there were rows before, such an answer does not say that they are gone: odd-lists has that.
test('lists that are empty in another form', async () => {
  for (const match of [
    '/pools',
    '/cluster/backup',
    '/cluster/ha/resources',
    '/cluster/ha/status/current',
    /\/replication$/,
  ])
    alter(match, () => ({}));
  const run = await lab.discover();
  expect(run.unseen).toEqual([]);
  expect(await lab.store.details('backup_job')).toEqual([]);
});
