import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pastBearers } from '../../../src/answers/names/past-names.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
let ct: number;
beforeAll(async () => {
  lab = await startLab({ guests: 60 });
  const { world } = lab.sim;
  world.rename(110, 'twin');
  world.rename(111, 'twin');
  world.rename(112, 'Case');
  world.rename(113, '101');
  ct = world.find({ type: 'lxc', status: 'running' })[0]!;
  world.rename(ct, 'only-ct');
  await lab.discover({ deep: true });
});
afterAll(() => lab.close());

const get = async (resource: unknown, more: object = {}) =>
  (await lab.call('get_resource', { resource, ...more })).resource;

describe('naming a resource', () => {
  test.each([
    [101, 'vm/101'],
    ['101', 'vm/101'],
    [' 101 ', 'vm/101'],
    ['vm/101', 'vm/101'],
    ['qemu/101', 'vm/101'],
    ['vm:101', 'vm/101'],
    ['VM 101', 'vm/101'],
    ['101 (db01)', 'vm/101'],
    ['db01', 'vm/101'],
    ['DB01', 'vm/101'],
    ['vm/db01', 'vm/101'],
    ['case', 'vm/112'],
    ['pve1', 'node/pve1'],
    ['node/pve1', 'node/pve1'],
    ['local-zfs', 'storage/local-zfs'],
    ['storage/local-zfs', 'storage/local-zfs'],
    ['storage/pve1/local', 'storage/local'],
    ['proxmox://vms/101', 'vm/101'],
  ])('%j is %s', async (input, resource) => {
    expect((await get(input)).resource).toBe(resource);
    if (String(input).includes('101'))
      expect((await lab.call('diff_state', { resource: input })).total).toBe(0);
  });

  test('a container is named in the same ways', async () => {
    for (const input of [`ct/${ct}`, `lxc/${ct}`, `container/${ct}`, `ct:${ct}`, ct, 'only-ct'])
      expect((await get(input)).resource, String(input)).toBe(`container/${ct}`);
  });

  test('several matches are refused with the candidates, a near miss suggests', async () => {
    await expect(get('twin')).rejects.toThrow(/fits 2 resources: vm\/110 "twin", vm\/111 "twin"/);
    await expect(get('db0l')).rejects.toThrow(/Did you mean "db01"/);
    await expect(get(`vm/${ct}`)).rejects.toThrow(`Did you mean "container/${ct}"`);
    await expect(get('quite unknown thing')).rejects.toThrow(/find_resources/);
    await expect(get('99999')).rejects.toThrow(/Nothing here is called "99999"[\s\S]*list_guests/);
    await expect(get('vm/999')).rejects.not.toThrow(/Did you mean/);
  });
});

describe('get_resource', () => {
  test('brings state, usage, configuration and what waits for a restart side by side', async () => {
    const facts = await get('101');
    expect(facts).toMatchObject({
      name: 'db01',
      node: 'pve1',
      status: 'running',
      usage: { cpu_percent: expect.any(Number), uptime_seconds: expect.any(Number) },
      config: { cores: 4, net0: { bridge: 'vmbr0', macaddr: expect.any(String) } },
      history: [{ change: 'discovered' }],
      config_as_of: expect.any(String),
    });
    expect(facts.pending).toContainEqual({ path: 'memory', running: 8192, after_restart: 12288 });
  });

  test.each([
    [['config', 'history']],
    ['config,history'],
    ['config history'],
  ])('include %j brings just that', async include => {
    const facts = await get('101', { include });
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(['config', 'history']));
    for (const part of ['usage', 'pending', 'snapshots', 'tasks']) expect(facts).not.toHaveProperty(part);
    await expect(get('101', { include: ['everything'] })).rejects.toThrow(/include/);
  });

  test('rereads one configuration when asked for a fresh one, not all of them', async () => {
    lab.sim.world.setTags(102, ['just-now']);
    expect((await get('102')).tags).not.toContain('just-now');
    const before = lab.sim.requests.list.length;
    expect((await get('102', { max_age_seconds: 0 })).tags).toContain('just-now');
    const configs = lab.sim.requests.list.slice(before).filter(one => /\/pending$|\/config$/.test(one.path));
    expect(configs.length).toBeLessThan(10);
  });

  test('shows nodes and storages', async () => {
    expect(await get('pve1')).toMatchObject({
      status: 'online',
      cpus: expect.any(Number),
      version: expect.any(String),
      guest_names: expect.arrayContaining(['vm/101 db01']),
    });
    expect(await get('nas')).toMatchObject({
      type: 'nfs',
      shared: true,
      enabled: true,
      options: { server: expect.any(String) },
      views: [{ status: 'available' }],
    });
    expect((await get('local')).views).toHaveLength(3);
  });

  test('get_resource shows a resource as it was, and a deleted one in its last state', async () => {
    const then = new Date(lab.sim.clock.now() + 1_000).toISOString();
    lab.sim.clock.advance(60_000);
    lab.sim.world.editConfig(120, { cores: 7, description: 'now different' });
    lab.sim.world.restart(120);
    const [twin, doomed] = lab.sim.world.find({ type: 'qemu', status: 'stopped', template: false }).slice(-2);
    lab.sim.world.rename(doomed!, 'Short-Lived');
    lab.sim.world.rename(twin!, 'short-liver');
    await lab.discover({ deep: true });
    lab.sim.clock.advance(60_000);
    lab.sim.world.deleteGuest(doomed!);
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true });
    expect((await get('120')).config.cores).toBe(7);
    const was = await get('120', { at: then });
    expect(was.config.cores).not.toBe(7);
    expect(was).toMatchObject({ at: then.replace(/\.\d+Z/, '+00:00'), status: expect.any(String) });
    expect(was).not.toHaveProperty('usage');
    expect(await get(`vm/${doomed}`)).toMatchObject({
      status: 'deleted',
      deleted_at: expect.any(String),
      config: expect.any(Object),
      history: [{ change: 'deleted' }, { change: 'updated' }, { change: 'discovered' }],
    });
    for (const name of ['Short-Lived', 'short-lived', 'vm/short-lived'])
      expect((await get(name)).resource, name).toBe(`vm/${doomed}`);
    const { history } = await lab.call('show_history', { resource: 'short-lived' });
    expect(history[0]).toMatchObject({ resource: `vm/${doomed}`, change: 'deleted' });
    // A living guest of that name comes first.
    lab.sim.world.rename(twin!, 'short-lived');
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true });
    expect((await get('Short-Lived')).resource).toBe(`vm/${twin}`);
    expect(await get(`vm/${doomed}`, { at: then })).toMatchObject({ status: 'stopped' });
    await expect(get('120', { at: '2020-01-01' })).rejects.toThrow(/not known at that moment/);
  });
});

describe('a name that nobody has now', () => {
  let own: Lab;
  let renamed: number;
  let reborn: number;
  let twins: number[];
  let other: number;
  beforeAll(async () => {
    own = await startLab({ guests: 30 });
    const { world, clock } = own.sim;
    const discover = async () => {
      clock.advance(120_000);
      await own.discover({ deep: true });
    };
    const vms = world.find({ type: 'qemu', template: false, ha: false });
    [renamed, reborn] = vms as [number, number];
    twins = vms.slice(2, 4);
    other = vms[4]!;
    world.rename(renamed, 'before');
    world.rename(reborn, 'first-life');
    world.rename(other, 'was-a-vm');
    for (const vmid of twins) world.rename(vmid, 'once-twins');
    await discover();
    world.rename(renamed, 'after', { user: 'bob@pve' });
    world.reuseVmid(reborn, { name: 'second-life' }, { user: 'bob@pve' });
    world.reuseVmid(other, { type: 'lxc', name: 'is-a-container' });
    for (const vmid of twins) world.rename(vmid, `twin-${vmid}`);
    await discover();
  });
  afterAll(() => own.close());
  const ask = <T extends string>(tool: T, resource: unknown, more: object = {}) =>
    own.call(tool, { resource, ...more });

  test('finds who had it, and says so', async () => {
    const note = `"before" was the name of vm/${renamed} until 2026-11-20T06:04:00+00:00; since then it is called "after".`;
    const answer = await ask('get_resource', 'BEFORE');
    expect(answer).toMatchObject({ resource: { resource: `vm/${renamed}`, name: 'after' }, hint: note });
    for (const tool of ['show_history', 'diff_state', 'list_tasks'])
      expect((await ask(tool, 'vm/before')).hint, tool).toContain(note);
    expect(await ask('get_resource', 'after')).not.toHaveProperty('hint');
  });

  // Kills: the new guest's state told of the old one, because both had one number.
  test('never passes off the guest that has its number now as the one that had the name', async () => {
    const refused = String(await ask('get_resource', 'first-life').catch((error: Error) => error.message));
    expect(refused).toContain(`"first-life" was the name of vm/${reborn} until`);
    expect(refused).toContain('went to another guest ("second-life")');
    const [, next] = /get_resource (\{.*?\})/.exec(refused) ?? [];
    expect((await own.call('get_resource', JSON.parse(next!) as object)).resource).toMatchObject({
      name: 'first-life',
    });
    const { history, hint } = await ask('show_history', 'first-life');
    expect(hint).toContain('this tells of both');
    expect(history.map(row => [row.name, row.change])).toEqual(
      expect.arrayContaining([
        ['first-life', 'deleted'],
        ['second-life', 'created'],
      ]),
    );
    const { resource } = await ask('get_resource', `vm/${reborn}`);
    expect(resource.history.map(row => [row.change, row.name])).toEqual(
      expect.arrayContaining([
        ['created', undefined],
        ['deleted', 'first-life'],
      ]),
    );
  });

  test('refuses where several had it', async () => {
    await expect(ask('get_resource', 'once-twins')).rejects.toThrow(
      `fits 2 resources: vm/${twins[0]} "once-twins", vm/${twins[1]} "once-twins"`,
    );
  });

  test('of a bare number the living guest is meant, and the one before it is named', async () => {
    const { resource, hint } = await ask('get_resource', other);
    expect(resource.resource).toBe(`container/${other}`);
    expect(hint).toBe(
      `vm/${other} "was-a-vm" had this number until 2026-11-20T06:04:00+00:00: ask for vm/${other} to see it.`,
    );
    expect(await ask('get_resource', `container/${other}`)).not.toHaveProperty('hint');
    expect((await ask('get_resource', 'was-a-vm')).resource).toMatchObject({
      resource: `vm/${other}`,
      status: 'deleted',
    });
  });

  test('a long history is not stepped through: deleted guests are found by their last name still', async () => {
    const named = (text: string) =>
      pastBearers(own.store, { vmid: null, types: ['vm'], text }, 10).then(found => found.map(one => one.id));
    expect(await named('was-a-vm')).toEqual([String(other)]);
    expect(await named('before')).toEqual([]);
  });
});

describe('find_resources', () => {
  const find = (query: unknown, more: object = {}) => lab.call('find_resources', { query, ...more });

  test.each([
    ['db01', 'vm/101', 'name', 'inventory'],
    [101, 'vm/101', 'vmid', 'inventory'],
    ['critical', 'vm/101', 'tags', 'inventory'],
    ['nightly dump', 'vm/101', 'config.description', 'config'],
    ['local-zfs:vm-101-disk-0', 'vm/101', 'config.scsi0.volume', 'config'],
    ['pve2', 'node/pve2', 'name', 'inventory'],
    ['nfs', 'storage/nas', 'type', 'storage'],
    ['vm/101', 'vm/101', 'vmid', 'inventory'],
    ['VM 101', 'vm/101', 'vmid', 'inventory'],
    ['node/pve2', 'node/pve2', 'name', 'inventory'],
    ['storage/nas', 'storage/nas', 'name', 'storage'],
  ])('%j finds %s by %s', async (query, resource, field, source) => {
    const { matches } = await find(query);
    const match = matches.find(row => row.resource === resource);
    expect(match).toMatchObject({ field, source, as_of: expect.stringMatching(/^2026-/) });
  });

  test('addresses in every spelling, bridges and storages', async () => {
    const { macaddr: mac } = (await get('101')).config['net0'] as { macaddr: string };
    for (const query of [mac, mac.toLowerCase(), mac.replaceAll(':', '-'), mac.replaceAll(':', '')])
      expect((await find(query)).matches, query).toEqual([
        expect.objectContaining({ resource: 'vm/101', field: 'config.net0.macaddr', value: mac }),
      ]);
    lab.sim.world.editConfig(101, { ipconfig0: 'ip=10.77.0.5/24,gw=10.77.0.1' });
    lab.sim.world.editConfig(102, { ipconfig0: 'ip=10.77.0.50/24' });
    await lab.discover({ deep: true });
    expect((await find('10.77.0.5')).matches.map(row => row.resource)).toEqual(['vm/101']);
    expect((await find('10.77.0.')).matches.map(row => row.resource)).toEqual(['vm/101', 'vm/102']);
    const { ip } = (await get(`ct/${ct}`)).config['net0'] as { ip?: string };
    const address = ip?.split('/')[0];
    if (address?.includes('.'))
      expect((await find(address)).matches[0]).toMatchObject({
        resource: `container/${ct}`,
        field: 'config.net0.ip',
      });
    expect((await find('vmbr0', { limit: 500 })).total).toBeGreaterThan(40);
    const { matches } = await find('local-zfs', { limit: 500 });
    expect(matches[0]).toMatchObject({ resource: 'storage/local-zfs', field: 'name' });
    expect(matches.slice(1).every(row => row.value.startsWith('local-zfs:'))).toBe(true);
  });

  // Kills: "30 is a vmid and vlan 30 a name": nobody looks for "config.net0.tag".
  test('a VLAN, however it is written, finds who is tagged with it, and trunks that carry it', async () => {
    lab.sim.world.editProperty(101, 'net0', 'tag', '3030');
    lab.sim.world.editProperty(102, 'net0', 'trunks', '5;3000-3100');
    lab.sim.world.editProperty(103, 'net0', 'tag', '303');
    await lab.discover({ deep: true });
    for (const query of [
      ...['vlan 3030', 'VLAN3030', 'vlan=3030', 'vlan id 3030', 'tag=3030'],
      'net0.tag=3030',
    ])
      expect((await find(query)).matches, query).toEqual([
        expect.objectContaining({ resource: 'vm/101', field: 'config.net0.tag', value: '3030' }),
        expect.objectContaining({ resource: 'vm/102', field: 'config.net0.trunks', value: '5;3000-3100' }),
      ]);
    expect((await find('vlan 3999')).hint).toContain('No network card has that VLAN tag');
  });

  // Kills: a call for each guest to learn which still have old snapshots.
  test('snapshots finds every guest that has some, the oldest first', async () => {
    const { world, clock } = lab.sim;
    const told = async (query: string) =>
      (await find(query, { limit: 500 })).matches.map(row => [row.resource, row.field, row.value]);
    const before = await told('snapshots');
    for (const name of ['zz_old', 'b', 'c', 'd']) {
      world.snapshot(104, name);
      clock.advance(60_000);
    }
    world.snapshot(105, 'zz_young');
    clock.advance(60_000);
    await lab.discover({ deep: true });
    const time = String.raw`2026-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00`;
    const after = await told('Snapshots');
    expect(after.length).toBe(before.length + 2);
    const value = expect.stringMatching(new RegExp(`^zz_old ${time}, b ${time}, c ${time}, 1 younger$`));
    expect(after).toContainEqual(['vm/104', 'snapshots', value]);
    expect((await told('snapshot zz_')).map(([resource]: string[]) => resource)).toEqual([
      'vm/104',
      'vm/105',
    ]);
    expect((await find('snapshot nobody-made-it')).hint).toContain('No guest has such a snapshot.');
  });

  test('a network finds what has an address in it', async () => {
    lab.sim.world.editConfig(101, { ipconfig0: 'ip=10.77.4.5/22,gw=10.77.4.1' });
    lab.sim.world.editConfig(102, { ipconfig0: 'ip=10.77.7.250/22,ip6=fd00:77::5/64' });
    lab.sim.world.editConfig(103, { ipconfig0: 'ip=10.77.8.1/22' });
    await lab.discover({ deep: true });
    const found = async (query: string) => (await find(query)).matches.map(row => row.resource);
    expect(await found('10.77.4.0/22')).toEqual(['vm/101', 'vm/102']);
    expect(await found('10.77.4.5/22')).toEqual(['vm/101']);
    expect(await found('fd00:77::/32')).toEqual(['vm/102']);
    expect(await found('10.78.0.0/16')).toEqual([]);
  });

  test('pages, filters by type, and says what an empty answer means', async () => {
    const { total, next_cursor: cursor, matches } = await find('vmbr0', { limit: 5 });
    const next = await lab.call('find_resources', { cursor });
    expect(next.total).toBe(total);
    expect(next.matches[0]!.resource).not.toBe(matches[0]!.resource);
    expect((await find('twin', { type: 'container' })).total).toBe(0);
    expect((await find('10.250.250.250')).hint).toMatch(
      /Nothing matches.*addresses that \d+ running guests told/,
    );
  });
});

describe('get_task', () => {
  test('shows a task, what it changed, and the end of its log read live', async () => {
    lab.sim.clock.advance(60_000);
    const upid = lab.sim.world.migrate(101, 'pve2', { user: 'alice@pve' });
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true });
    const answer = await lab.call('get_task', { upid });
    expect(answer).toMatchObject({
      task: {
        upid,
        type: 'qmigrate',
        id: 'vm/101',
        user: 'alice@pve',
        status: 'OK',
        changes: [{ resource: 'vm/101', fields: [{ path: 'node', from: 'pve1', to: 'pve2' }] }],
      },
      log: expect.arrayContaining(['TASK OK']),
    });
    expect((await lab.call('get_task', { upid, log_lines: 1 })).log).toEqual(['TASK OK']);
    expect(await lab.call('get_task', { upid, log_lines: 0 })).not.toHaveProperty('log');
  });

  // Kills: "what was recorded before it began is none of it": changes are recorded by our clock, tasks run by the cluster's.
  test.each([
    -3_600_000, 0, 3_600_000,
  ])('names what it changed and nothing else, our clock being %i ms off', async skew => {
    const { world, clock } = lab.sim;
    lab.skew = skew;
    await lab.discover({ deep: true });
    clock.advance(600_000);
    const { vmid } = world.createGuest({ type: 'qemu', node: 'pve1' });
    await lab.discover({ deep: true });
    clock.advance(600_000);
    const upid = world.migrate(vmid, 'pve2', { user: 'alice@pve' });
    clock.advance(60_000);
    await lab.discover({ deep: true });
    clock.advance(600_000);
    world.setTags(vmid, ['moved']);
    await lab.discover({ deep: true });
    const { changes } = (await lab.call('get_task', { upid })).task;
    expect(changes).toMatchObject([{ resource: `vm/${vmid}`, fields: [{ path: 'node' }] }]);
    expect(changes[0]).not.toHaveProperty('causes');
    lab.skew = 0;
  });

  test('refuses what is no task, and still answers when the log cannot be read', async () => {
    await expect(lab.call('get_task', { upid: 'UPID:x' })).rejects.toThrow(/not a UPID/);
    await expect(
      lab.call('get_task', { upid: 'UPID:pve1:00000001:00000001:6AFFEB40:qmstart:101:root@pam:' }),
    ).rejects.toThrow(/No task with that UPID/);
    const { tasks } = await lab.call('list_tasks', { node: 'pve3', limit: 1 });
    lab.sim.world.nodeFrozen('pve3', true, 0);
    const answer = await lab.call('get_task', { upid: tasks[0]!.upid, max_age_seconds: 600 });
    lab.sim.world.nodeFrozen('pve3', false);
    expect(answer).toMatchObject({
      task: { upid: tasks[0]!.upid },
      hint: expect.stringContaining('log could not be read'),
    });
  });
});
