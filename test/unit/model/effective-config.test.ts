import { describe, expect, test } from 'vitest';
import { normaliseConfig } from '../../../src/history/normalise.ts';
import { CONFIG_KEYS, configKey, effectiveValue } from '../../../src/model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../../src/model/resource.ts';

const of = (type: GuestType, raw: { [key: string]: string }, path: string) =>
  effectiveValue(type, normaliseConfig(raw), path);

describe('the effective value of a configuration', () => {
  test.each<[GuestType, { [key: string]: string }, string, unknown]>([
    ['vm', {}, 'onboot', false],
    ['vm', { onboot: '1' }, 'onboot', true],
    ['vm', {}, 'acpi', true],
    ['vm', {}, 'agent', false],
    ['vm', { agent: '1,fstrim_cloned_disks=1' }, 'agent', true],
    ['vm', { agent: 'enabled=0' }, 'agent', false],
    ['vm', { agent: '1' }, 'agent.fstrim_cloned_disks', false],
    ['vm', {}, 'cpu', 'kvm64'],
    ['vm', { cpu: 'host,flags=+aes;-pcid' }, 'cpu', 'host'],
    ['vm', { cpu: 'host,flags=+aes;-pcid' }, 'cpu.flags', ['+aes', '-pcid']],
    ['vm', { cpu: 'host' }, 'cpu.flags', null],
    ['vm', {}, 'machine', 'pc'],
    ['vm', { machine: 'q35,viommu=intel' }, 'machine.viommu', 'intel'],
    ['vm', {}, 'memory', 512],
    ['vm', { memory: 'current=2048' }, 'memory', 2048],
    ['vm', {}, 'cores', 1],
    ['container', {}, 'cores', null],
    ['container', {}, 'unprivileged', false],
    ['container', { unprivileged: '1' }, 'unprivileged', true],
    ['container', {}, 'features.nesting', false],
    ['container', { features: 'nesting=1' }, 'features.nesting', true],
    ['vm', { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20' }, 'net0', 'virtio'],
    ['vm', { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20' }, 'net0.tag', 20],
    ['vm', { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' }, 'net0.firewall', false],
    ['vm', {}, 'net0.firewall', null],
    ['vm', { scsi0: 'local:vm-1-disk-0,size=512M' }, 'scsi0.size', 0.5],
    ['vm', { scsi0: 'local:vm-1-disk-0,size=2T' }, 'scsi0.size', 2048],
    ['container', { rootfs: 'local:vm-1-disk-0,size=8G' }, 'rootfs.backup', true],
    ['container', { mp0: 'local:vm-1-disk-1,mp=/srv' }, 'mp0.backup', false],
    ['vm', { scsi0: 'local:vm-1-disk-0' }, 'scsi0.backup', true],
    ['vm', { startup: 'order=3,up=30' }, 'startup', 3],
    ['vm', { startup: 'order=3,up=30' }, 'startup.up', 30],
    ['vm', { boot: 'order=scsi0;net0' }, 'boot', ['scsi0', 'net0']],
    ['vm', {}, 'hotplug', ['network', 'disk', 'usb']],
    ['vm', {}, 'pool', null],
    ['vm', { numa0: 'cpus=0-3,memory=1024' }, 'numa0.memory', 1024],
  ])('%s %j has %s = %j', (type, raw, path, value) => {
    expect(of(type, raw, path)).toEqual(value);
  });

  test('a key that only one type of guest has is no key of the other', () => {
    expect(configKey('vm', 'unprivileged')).toBeUndefined();
    expect(configKey('container', 'agent')).toBeUndefined();
    expect(configKey('vm', 'net0')?.device).toBe(true);
    expect(configKey('vm', 'net')).toBeUndefined();
    expect(configKey('vm', 'net*')).toBeUndefined();
    expect(configKey('vm', '__proto__')).toBeUndefined();
  });

  test.each(GUEST_TYPES)('every key of a %s takes the value that its default is', type => {
    for (const [key, { parts = {}, defaultPart, ...own }] of Object.entries(CONFIG_KEYS[type])) {
      for (const [path, value] of [[key, own] as const, ...Object.entries(parts)]) {
        if (key.endsWith('*') || value.default === undefined) continue;
        const full = path === key ? key : `${key}.${path}`;
        const effective = effectiveValue(type, {}, full);
        const wanted = { flag: 'boolean', number: 'number' }[value.kind as string] ?? 'string';
        expect([full, typeof (Array.isArray(effective) ? effective[0] : effective)]).toEqual([full, wanted]);
      }
      if (defaultPart !== undefined) expect(Object.keys(parts)).toContain(defaultPart);
    }
  });
});
