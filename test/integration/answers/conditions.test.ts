import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guest as ListedGuest } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/*
 * Each condition beside what the simulator's own truth says, read from the raw configuration by other means: no part of the
 * product's own reading is used.
 */

type Guest = ReturnType<Lab['sim']['truth']['state']>['guests'][string];

let lab: Lab;
let guests: Guest[];

/** A value of the raw configuration, or its default. */
const raw = (guest: Guest, key: string, byDefault = '') => String(guest.config[key] ?? byDefault);
const isVm = (guest: Guest) => guest.type === 'qemu';
const isContainer = (guest: Guest) => guest.type === 'lxc';
const isOn = (text: string) => /^(1|on|yes|true)$/.test(text);
/** The raw texts of devices whose key fits. */
const devices = (guest: Guest, key: RegExp) =>
  Object.entries(guest.config)
    .filter(([name]) => key.test(name))
    .map(([name, value]) => `${name}:${value}`);
const DISKS = /^(ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp)\d*$/;
const isCdrom = (device: string) => /media=cdrom|cloudinit/.test(device);
const disks = (guest: Guest) => devices(guest, DISKS).filter(device => !isCdrom(device));
const cdroms = (guest: Guest) => devices(guest, DISKS).filter(isCdrom);
const nics = (guest: Guest) => devices(guest, /^net\d+$/);
const gib = (device: string) => {
  const [, size, unit] = /size=(\d+)([MGT])/.exec(device) ?? [];
  return Number(size) * { M: 1 / 1024, G: 1, T: 1024 }[unit ?? 'G']!;
};

beforeAll(async () => {
  lab = await startLab({ guests: 60 });
  const { world } = lab.sim;
  const state = Object.values(lab.sim.truth.state().guests);
  const stopped = (type: Guest['type']) =>
    state.filter(guest => guest.type === type && guest.status === 'stopped' && !guest.template);
  const [one, two, three, four, five] = stopped('qemu').map(guest => guest.vmid);
  world.editConfig(one!, {
    cpu: 'host,flags=+aes;-pcid',
    machine: 'q35',
    bios: 'ovmf',
    onboot: '1',
    startup: 'order=2,up=30',
  });
  world.editConfig(two!, {
    ide0: `local:${two}/vm-${two}-disk-5.qcow2,size=512M`,
    agent: '0',
    machine: 'pc-i440fx-8.1',
    acpi: '0',
  });
  world.editConfig(three!, {
    ide1: 'local:iso/debian-13.iso,media=cdrom,size=600M',
    sata0: 'nas:vm-9-disk-0,size=1T,ssd=1,backup=0',
    net1: 'e1000=BC:24:11:00:00:07,bridge=vmbr1,tag=30,link_down=1',
  });
  world.editConfig(four!, {
    agent: null,
    hostpci0: '0000:01:00.0,pcie=1',
    balloon: '0',
    memory: '16384',
    net0: null,
    description: 'a, (b) | "c"',
  });
  world.editConfig(five!, {
    ide3: `nas:vm-${five}-cloudinit,media=cdrom`,
    protection: '1',
    ostype: 'win11',
    tags: 'Prod;web',
    boot: 'order=scsi0',
  });
  const [six, seven] = stopped('lxc').map(guest => guest.vmid);
  world.editConfig(six!, {
    mp0: `nas:subvol-${six}-disk-1,mp=/srv,size=100G,backup=1`,
    swap: '0',
    features: 'nesting=1,keyctl=1',
  });
  world.editConfig(seven!, {
    onboot: '1',
    cpulimit: '2',
    net0: 'name=eth0,bridge=vmbr1,hwaddr=BC:24:11:00:00:09,ip=dhcp,type=veth,firewall=1',
  });
  world.setPool(one!, 'other');
  lab.sim.clock.advance(30_000);
  await lab.discover({ deep: true });
  guests = Object.values(lab.sim.truth.state().guests);
});
afterAll(() => lab.close());

/** `memory` of a running guest is what it runs with. */
const CONDITIONS: [condition: string, truth: (guest: Guest) => boolean][] = [
  // flags, set and by default
  ['onboot=1', guest => isOn(raw(guest, 'onboot'))],
  ['onboot=0', guest => !isOn(raw(guest, 'onboot'))],
  ['onboot', guest => isOn(raw(guest, 'onboot'))],
  ['!onboot', guest => !isOn(raw(guest, 'onboot'))],
  ['onboot=yes', guest => isOn(raw(guest, 'onboot'))],
  ['onboot!=1', guest => !isOn(raw(guest, 'onboot'))],
  ['onboot=', guest => guest.config['onboot'] === undefined],
  ['onboot!=', guest => guest.config['onboot'] !== undefined],
  ['acpi', guest => isVm(guest) && isOn(raw(guest, 'acpi', '1'))],
  ['!acpi', guest => isVm(guest) && !isOn(raw(guest, 'acpi', '1'))],
  ['protection', guest => isOn(raw(guest, 'protection'))],
  ['unprivileged=0', guest => isContainer(guest) && !isOn(raw(guest, 'unprivileged'))],
  ['unprivileged', guest => isContainer(guest) && isOn(raw(guest, 'unprivileged'))],
  ['template', guest => guest.template],
  ['template=0', guest => !guest.template],
  // property strings, by their default key and by others
  ['agent', guest => isVm(guest) && isOn(raw(guest, 'agent', '0').split(',')[0]!)],
  ['!agent', guest => isVm(guest) && !isOn(raw(guest, 'agent', '0').split(',')[0]!)],
  ['agent=', guest => isVm(guest) && guest.config['agent'] === undefined],
  ['cpu=host', guest => raw(guest, 'cpu').startsWith('host')],
  ['cpu.flags~aes', guest => /flags=\S*aes/.test(raw(guest, 'cpu'))],
  ['cpu.flags=-pcid', guest => /flags=\S*-pcid/.test(raw(guest, 'cpu'))],
  ['config.cpu!=host', guest => isVm(guest) && !raw(guest, 'cpu').startsWith('host')],
  ['features.keyctl', guest => isContainer(guest) && /keyctl=1/.test(raw(guest, 'features'))],
  ['!features.keyctl', guest => isContainer(guest) && !/keyctl=1/.test(raw(guest, 'features'))],
  ['startup=2', guest => /order=2/.test(raw(guest, 'startup'))],
  ['startup.up>=30', guest => /up=30/.test(raw(guest, 'startup'))],
  ['boot=net0', guest => /net0/.test(raw(guest, 'boot'))],
  // texts
  ['machine~i440fx', guest => isVm(guest) && /^pc(-i440fx.*)?$/.test(raw(guest, 'machine', 'pc'))],
  ['machine~q35', guest => isVm(guest) && /q35/.test(raw(guest, 'machine'))],
  ['bios=ovmf', guest => raw(guest, 'bios') === 'ovmf'],
  ['bios=seabios', guest => isVm(guest) && raw(guest, 'bios', 'seabios') === 'seabios'],
  ['ostype=l26', guest => raw(guest, 'ostype') === 'l26'],
  ['ostype~win', guest => /win/.test(raw(guest, 'ostype'))],
  ['ostype=l26|debian', guest => /^(l26|debian)$/.test(raw(guest, 'ostype'))],
  ['ostype!=l26|debian', guest => !/^(l26|debian)$/.test(raw(guest, 'ostype'))],
  ['description="a, (b) | \\"c\\""', guest => raw(guest, 'description') === 'a, (b) | "c"'],
  ['name~web', guest => /web/i.test(guest.name ?? '')],
  ['name~web*', guest => /^web/i.test(guest.name ?? '')],
  ['name=', guest => guest.name === null],
  ['pool=', guest => guest.pool === null],
  ['pool', guest => guest.pool !== null],
  ['pool!=prod', guest => guest.pool !== 'prod'],
  ['pool=OTHER', guest => guest.pool === 'other'],
  ['tag=prod', guest => guest.tags.some(tag => /^prod$/i.test(tag))],
  ['tag!=web', guest => !guest.tags.includes('web')],
  ['!tag', guest => guest.tags.length === 0],
  ['tags=web|db', guest => guest.tags.some(tag => tag === 'web' || tag === 'db')],
  ['type=container', isContainer],
  ['type=qemu', isVm],
  ['node=pve1|pve2', guest => guest.node !== 'pve3'],
  ['status=running', guest => guest.status === 'running'],
  ['status!=running', guest => guest.status !== 'running'],
  ['resource=vm/100', guest => guest.resource === 'vm/100'],
  // numbers with their units
  ['memory>8192', guest => Number(raw(guest, 'memory', '512')) > 8192],
  ['memory>=8G', guest => Number(raw(guest, 'memory', '512')) >= 8192],
  ['memory<1GiB', guest => Number(raw(guest, 'memory', '512')) < 1024],
  ['swap=0', guest => isContainer(guest) && raw(guest, 'swap', '512') === '0'],
  ['cores>=4', guest => Number(raw(guest, 'cores', isVm(guest) ? '1' : 'NaN')) >= 4],
  ['!balloon', guest => isVm(guest) && Number(raw(guest, 'balloon', '0')) === 0],
  ['balloon=', guest => isVm(guest) && guest.config['balloon'] === undefined],
  ['cpulimit>0', guest => Number(raw(guest, 'cpulimit', '0')) > 0],
  ['vmid<110', guest => guest.vmid < 110],
  ['uptime>1d', guest => guest.startedAt !== null && lab.sim.clock.now() - guest.startedAt > 86_400_000],
  // devices
  ['disk(bus=ide)', guest => disks(guest).some(disk => disk.startsWith('ide'))],
  ['!disk(bus=ide)', guest => !disks(guest).some(disk => disk.startsWith('ide'))],
  ['disk(bus=ide,storage=local)', guest => disks(guest).some(disk => /^ide\d:local:/.test(disk))],
  ['disk(bus=ide,storage=nas)', guest => disks(guest).some(disk => /^ide\d:nas:/.test(disk))],
  ['disk.storage=nas', guest => disks(guest).some(disk => /^\w+:nas:/.test(disk))],
  ['disk.size>100', guest => disks(guest).some(disk => gib(disk) > 100)],
  ['disk.size_gib<1', guest => disks(guest).some(disk => gib(disk) < 1)],
  ['disk.size>=1T', guest => disks(guest).some(disk => gib(disk) >= 1024)],
  ['disk.ssd', guest => disks(guest).some(disk => /ssd=1/.test(disk))],
  [
    'disk(backup=0)',
    guest => disks(guest).some(disk => (/^mp\d/.test(disk) ? !/backup=1/.test(disk) : /backup=0/.test(disk))),
  ],
  ['scsi0.iothread', guest => /iothread=1/.test(raw(guest, 'scsi0'))],
  [
    'disk.iothread=0',
    guest => disks(guest).some(disk => /^(ide|sata|scsi|virtio)/.test(disk) && !/iothread=1/.test(disk)),
  ],
  ['cdrom', guest => isVm(guest) && cdroms(guest).length > 0],
  ['!cdrom', guest => isVm(guest) && cdroms(guest).length === 0],
  ['cdrom.volume~.iso', guest => cdroms(guest).some(drive => /\.iso/.test(drive))],
  ['cdrom.volume~cloudinit', guest => cdroms(guest).some(drive => /cloudinit/.test(drive))],
  ['nic.tag=20', guest => nics(guest).some(nic => /tag=20(,|$)/.test(nic))],
  ['nic(tag=20)', guest => nics(guest).some(nic => /tag=20(,|$)/.test(nic))],
  ['nic.vlan>=30', guest => nics(guest).some(nic => Number(/tag=(\d+)/.exec(nic)?.[1] ?? 0) >= 30)],
  ['!nic.tag', guest => !nics(guest).some(nic => /tag=/.test(nic))],
  ['nic(!tag)', guest => nics(guest).some(nic => !/tag=/.test(nic))],
  [
    'nic(bridge=vmbr1,link_down)',
    guest => nics(guest).some(nic => /bridge=vmbr1/.test(nic) && /link_down=1/.test(nic)),
  ],
  ['nic.firewall=0', guest => nics(guest).some(nic => !/firewall=1/.test(nic))],
  ['nic.mac=bc:24:11:00:00:07|BC:24:11:00:00:09', guest => nics(guest).some(nic => /00:00:0[79]/.test(nic))],
  ['nic=', guest => nics(guest).length === 0],
  ['!nic', guest => nics(guest).length === 0],
  ['net1.model=e1000', guest => /^e1000=/.test(raw(guest, 'net1'))],
  ['hostpci', guest => isVm(guest) && devices(guest, /^hostpci\d/).length > 0],
  ['hostpci.pcie', guest => devices(guest, /^hostpci\d/).some(device => /pcie=1/.test(device))],
  ['mp.size>50', guest => devices(guest, /^mp\d/).some(device => gib(device) > 50)],
  ['rootfs.size<10', guest => isContainer(guest) && gib(raw(guest, 'rootfs')) < 10],
  // what waits, snapshots
  ['pending', guest => Object.keys(guest.pending).length > 0],
  ['!pending', guest => Object.keys(guest.pending).length === 0],
  ['pending=memory', guest => 'memory' in guest.pending],
  ['pending.memory>8192', guest => Number(guest.pending['memory'] ?? 0) > 8192],
  ['snapshot', guest => guest.snapshots.length > 0],
  ['!snapshot', guest => guest.snapshots.length === 0],
  ['snapshot=before_upgrade', guest => guest.snapshots.includes('before_upgrade')],
  ['snapshot.name~pre', guest => guest.snapshots.some(name => name.includes('pre'))],
];

const ask = async (where: string[], more: object = {}) =>
  (await lab.call('list_guests', { where, limit: 500, max_age_seconds: 3_600, ...more })) as {
    guests: { resource: string }[];
    total: number;
    hint?: string;
  };
const names = (rows: { resource: string }[]) => rows.map(row => row.resource).sort();

describe('conditions hold for the guests of which they are true', () => {
  test.each(CONDITIONS)('%s finds just those', async (condition, truth) => {
    const wanted = guests
      .filter(truth)
      .map(guest => guest.resource)
      .sort();
    const now = await ask([condition]);
    expect(names(now.guests)).toEqual(wanted);
    expect(now.total).toBe(wanted.length);
    if (now.total > 0) expect(now.hint ?? '').not.toContain('not judged');
    // The same from history: another way to the same facts.
    const then = await ask([condition], { at: 'now' });
    expect(names(then.guests)).toEqual(wanted);
  });

  test('every value that some key has is found by it, and by nothing else', async () => {
    const keys = [...new Set(guests.flatMap(guest => Object.keys(guest.config)))].filter(
      key => !/^(cipassword|sshkeys|meta|parent|smbios1|digest|boot|startup|features)$|\d$/.test(key),
    );
    expect(keys.length).toBeGreaterThan(12);
    for (const key of keys) {
      const values = [...new Set(guests.flatMap(guest => guest.config[key] ?? []))].map(String);
      for (const value of values.filter(one => !one.includes(','))) {
        const { guests: found } = await ask([`${key}="${value.replace(/["\\]/g, '\\$&')}"`]);
        const having = guests
          .filter(guest => String(guest.config[key]) === value)
          .map(guest => guest.resource);
        expect([key, value, names(found).filter(one => having.includes(one))]).toEqual([
          key,
          value,
          having.sort(),
        ]);
        // Beyond those only guests that have it by default, or spelled in another way.
        const others = guests.filter(
          guest => names(found).includes(guest.resource) && !having.includes(guest.resource),
        );
        for (const other of others)
          expect([
            key,
            value,
            String(other.config[key] ?? value)
              .toLowerCase()
              .startsWith(value.toLowerCase()),
          ]).toEqual([key, value, true]);
      }
    }
  });

  test('several must all hold, in an array, a text, and a text of JSON', async () => {
    const wanted = guests
      .filter(guest => isVm(guest) && guest.status === 'running' && raw(guest, 'ostype') === 'l26')
      .map(guest => guest.resource)
      .sort();
    for (const where of [
      ['type=vm', 'status=running', 'ostype=l26'],
      'type=vm, status=running,ostype = l26',
      '["type=vm","status=running","ostype=l26"]',
    ])
      expect(names((await lab.call('list_guests', { where, limit: 500 })).guests)).toEqual(wanted);
  });
});

describe('ages and dates of backups', () => {
  test('find what is older, younger or of a day, and guests without a backup', async () => {
    const rows = (await ask([], { show: ['last_backup'] })).guests as {
      resource: string;
      last_backup?: string;
    }[];
    const by = (fits: (at: number | null) => boolean) =>
      rows
        .filter(row => fits(row.last_backup ? Date.parse(row.last_backup) : null))
        .map(row => row.resource)
        .sort();
    const now = lab.sim.clock.now();
    const DAY = 86_400_000;
    expect(by(at => at !== null).length).toBeGreaterThan(3);
    const day = new Date(now).toISOString().slice(0, 10);
    const midnight = Date.parse(`${day}T00:00:00Z`);
    for (const [condition, fits] of [
      ['last_backup>1h', (at: number | null) => at !== null && at < now - 3_600_000],
      ['last_backup<3d', at => at !== null && at > now - 3 * DAY],
      ['last_backup>20d', at => at !== null && at < now - 20 * DAY],
      ['!last_backup', at => at === null],
      ['last_backup', at => at !== null],
      [`last_backup<${day}`, at => at !== null && at < midnight],
      [`last_backup>=${day}`, at => at !== null && at >= midnight],
      [`last_backup=${day}`, at => at !== null && at >= midnight && at < midnight + DAY],
      ['backup.created_at>1h', at => at !== null && at < now - 3_600_000],
      ['backup', at => at !== null],
      ['backup>1h', at => at !== null && at < now - 3_600_000],
    ] as [string, (at: number | null) => boolean][])
      expect([condition, names((await ask([condition])).guests)]).toEqual([condition, by(fits)]);
  });
});

describe('a condition that is asked wrongly', () => {
  test.each([
    ['onbot=1', /"onbot" is no field of guests[\s\S]*onboot/],
    ['memory~8', /~ does not fit memory/],
    ['memory>lots', /memory is a number \(MiB\)/],
    ['onboot=maybe', /onboot is yes or no/],
    ['name>a', /> does not fit name/],
    ['status=runing', /status is never "runing": running/],
    ['disk(buss=ide)', /A disk has no "buss"[\s\S]*bus/],
    ['onboot(x=1)', /no parts to stand in brackets/],
    ['last_backup=7d', /names no moment/],
    ['last_backup>soon', /neither an age/],
    ['uptime>monday', /length of time/],
    ['cipassword~a', /nothing is kept but that it is there/],
    ['cpu.flgas~aes', /cpu\.flags/],
    ['constructor=1', /is no field/],
    ['__proto__=1', /missing|no field/],
    ['net0.constructor=1', /no field/],
    ['disk(constructor=1)', /A disk has no/],
  ])('$0 is refused before anything is read, with: $1', async (condition, why) => {
    const before = lab.sim.requests.count();
    await expect(lab.call('list_guests', { where: [condition], max_age_seconds: 0 })).rejects.toThrow(why);
    expect(lab.sim.requests.count()).toBe(before);
  });

  test('of a field that only the other type has is told where it can be asked', async () => {
    await expect(lab.call('list_vms', { where: ['unprivileged=0'] })).rejects.toThrow(
      /containers alone[\s\S]*list_guests/,
    );
    await expect(lab.call('list_guests', { show: ['onbot'] })).rejects.toThrow(/onboot/);
    await expect(lab.call('list_guests', { group: ['nod'] })).rejects.toThrow(/node/);
    await expect(lab.call('list_guests', { where: ['last_backup>1d'], at: '1h' })).rejects.toThrow(
      /kept current only/,
    );
  });
});

describe('groups', () => {
  test('by node and tag have their guests, how many run, and what they have', async () => {
    const { groups, hint, total } = await lab.call('list_guests', {
      group: ['node', 'tag'],
      where: ['ostype=l26', 'status=running'],
      limit: 500,
    });
    const counted = guests.filter(guest => raw(guest, 'ostype') === 'l26' && guest.status === 'running');
    const wanted = new Map<string, number>();
    for (const guest of counted)
      for (const tag of guest.tags.length > 0 ? guest.tags : [undefined])
        wanted.set(`${guest.node} ${tag}`, (wanted.get(`${guest.node} ${tag}`) ?? 0) + 1);
    expect(new Map(groups.map(row => [`${row.node} ${row.tag}`, row.guests]))).toEqual(wanted);
    expect(total).toBe(wanted.size);
    expect(groups.every(row => row.running === row.guests)).toBe(true);
    expect(hint).toContain(`${counted.length} guests in all`);
  });

  test('sum up what runs now, not what waits for a restart', async () => {
    const waiting = guests.find(guest => 'memory' in guest.pending)!;
    const { groups } = await lab.call('list_guests', { group: ['vmid'], where: [`vmid=${waiting.vmid}`] });
    expect(groups).toMatchObject([
      { vmid: waiting.vmid, guests: 1, memory_gib: Number(waiting.config['memory']) / 1024 },
    ]);
  });

  test('are said to be sums of all, running or not, unless only those that run are asked for', async () => {
    const { hint } = await lab.call('list_guests', { group: ['node'] });
    expect(hint).toContain('running or not');
    const running = await lab.call('list_guests', { group: ['node'], where: ['status=running'] });
    expect(running.hint ?? '').not.toContain('running or not');
  });

  test('stand once over all pages', async () => {
    const whole = (await lab.call('list_guests', { group: ['name'], limit: 500 })).groups;
    const paged: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await lab.call('list_guests', cursor ? { cursor } : { group: ['name'], limit: 7 });
      paged.push(...page.groups);
      cursor = page.next_cursor;
    } while (cursor);
    expect(paged).toEqual(whole);
  });

  test('of nodes and storages have sums of their own', async () => {
    const nodes = await lab.call('list_nodes', { group: ['version'] });
    expect(nodes.groups).toMatchObject([{ nodes: 3, online: 3 }]);
    const storages = await lab.call('list_storage', { group: ['type'], where: ['content=backup'] });
    expect(storages.groups.every(row => row.storages > 0)).toBe(true);
    expect((await lab.call('list_nodes', { where: ['version<9.2'] })).total).toBe(0);
    expect((await lab.call('list_nodes', { where: ['version=9'] })).total).toBe(3);
  });
});

test('a list shows columns of any field, with defaults, without those that are absent', async () => {
  const { guests: rows } = await lab.call('list_guests', {
    where: ['startup'],
    show: ['onboot', 'startup', 'machine', 'nic.bridge', 'bios'],
  });
  expect(rows).toMatchObject(
    [{ onboot: 1, startup: '2,down=', machine: 'q35', 'nic.bridge': ['vmbr0'], bios: 'ovmf' }].map(row => ({
      ...row,
      startup: expect.stringMatching(/^2,up=30$/),
    })),
  );
  const { vms } = await lab.call('list_vms', { where: 'onboot=', show: 'onboot startup', limit: 1 });
  expect(vms[0]).toMatchObject({ onboot: 0 });
  expect(vms[0]).not.toHaveProperty('startup');
});

describe('two resources beside one another', () => {
  test('differ in what is set, not in what tells one from the other', async () => {
    const [one] = guests.filter(guest => isVm(guest) && guest.status === 'stopped' && !guest.template);
    const { vmid } = lab.sim.world.cloneGuest(one!.vmid, { name: 'twin' });
    lab.sim.clock.advance(30_000);
    await lab.discover({ deep: true });
    const { differences } = await lab.call('diff_state', { resource: `vm/${one!.vmid}`, with: String(vmid) });
    expect(differences.map(row => row.path)).toEqual(expect.arrayContaining(['name']));
    const paths = differences.map(row => row.path).join(' ');
    expect(paths).not.toMatch(/uuid|vmgenid|macaddr|volume/);
    lab.sim.world.editConfig(vmid, { memory: '3072', onboot: '0' });
    lab.sim.clock.advance(30_000);
    const { differences: later } = await lab.call('diff_state', {
      resource: `vm/${one!.vmid}`,
      with: `vm/${vmid}`,
      max_age_seconds: 0,
    });
    expect(later).toContainEqual({ path: 'config.memory', left: expect.any(Number), right: 3072 });
    expect(later.filter(row => row.path === 'config.onboot' && isOn(raw(one!, 'onboot')) === false)).toEqual(
      [],
    );
    await expect(lab.call('diff_state', { resource: 'vm/100', with: 'node/pve1' })).rejects.toThrow(
      /not of a kind/,
    );
    await expect(lab.call('diff_state', { with: 'vm/100' })).rejects.toThrow(/needs resource/);
  });
});

test.each([
  ['disk(bus=ide)', /^ide/],
  ['disk(bus~i)', /^(?:ide|scsi|virtio|efidisk)/],
  ['disk(!bus=ide,!bus=scsi)', /^(?!ide|scsi)/],
  ['disk.bus!=scsi', /^(?!scsi)/],
  ['disk(bus=sata|ide)', /^(?:sata|ide)/],
])('%s looks at just those disks', async (where, bus) => {
  const { guests: found } = await lab.call('list_guests', { where: [where], limit: 200, at: 'now' });
  const { guests: current } = await lab.call('list_guests', { where: [where], limit: 200 });
  const present: Guest[] = Object.values(lab.sim.truth.state().guests);
  const wanted = present.filter(guest => disks(guest).some(disk => bus.test(disk)));
  expect(current.map(one => one.vmid).sort()).toEqual(wanted.map(guest => guest.vmid).sort());
  expect(found.map(one => one.vmid)).toEqual(current.map(one => one.vmid));
});

test('conditions that the store compares mean what they mean elsewhere, with a node down, in any case and order', async () => {
  const { world, clock } = lab.sim;
  world.nodeDown('pve3');
  clock.advance(600_000);
  await lab.discover();
  const list = async (args: object) => (await lab.call('list_guests', { limit: 200, ...args })).guests;
  const all = await list({});
  const tag = all.find(one => one.tags?.length > 0)!.tags[0]!;
  const asked: [string, (one: ListedGuest) => boolean][] = [
    ['status=running', one => one.status === 'running'],
    ['status=stopped', one => one.status === 'stopped'],
    ['status=unknown', one => one.status === 'unknown'],
    [`tag=${tag.toUpperCase()}`, one => one.tags?.includes(tag)],
    [`tags=${tag},status=Running`, one => one.tags?.includes(tag) && one.status === 'running'],
  ];
  for (const [where, holds] of asked) {
    const wanted = all.filter(holds).map(one => one.resource);
    for (const beside of [{}, { sort: 'status' }, { where: [where, 'vmid>0'] }]) {
      const found = (await list({ where, ...beside })).map(one => one.resource);
      expect(found.sort(), `${where} ${JSON.stringify(beside)}`).toEqual(wanted.toSorted());
    }
    const running = await list({ where, status: 'stopped' });
    expect(running.map(one => one.resource)).toEqual(
      all.filter(one => holds(one) && one.status === 'stopped').map(one => one.resource),
    );
  }
  world.nodeUp('pve3');
});
