import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePropertyString } from '../../../src/model/property-string.ts';

describe('parsePropertyString', () => {
  it.each<[string, string, string | Record<string, string>]>([
    [
      'net0',
      'virtio=BC:24:11:03:DA:DE,bridge=vmbr0,firewall=1',
      { model: 'virtio', macaddr: 'BC:24:11:03:DA:DE', bridge: 'vmbr0', firewall: '1' },
    ],
    ['net1', 'model=e1000,macaddr=BC:24:11:03:DA:DE', { model: 'e1000', macaddr: 'BC:24:11:03:DA:DE' }],
    ['net1', 'virtio,bridge=vmbr0,trunks=1;2', { model: 'virtio', bridge: 'vmbr0', trunks: '1;2' }],
    [
      'net0',
      'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AB:21:15,ip=10.99.0.50/24,type=veth',
      { name: 'eth0', bridge: 'vmbr0', hwaddr: 'BC:24:11:AB:21:15', ip: '10.99.0.50/24', type: 'veth' },
    ],
    [
      'scsi0',
      'local:100/vm-100-disk-0.qcow2,size=2G',
      { volume: 'local:100/vm-100-disk-0.qcow2', size: '2G' },
    ],
    ['scsi10', 'file=lvm:vm-1-disk-0,iothread=1', { volume: 'lvm:vm-1-disk-0', iothread: '1' }],
    ['ide2', 'none,media=cdrom', { volume: 'none', media: 'cdrom' }],
    ['sata1', '/dev/disk/by-id/a=b,size=1G', { volume: '/dev/disk/by-id/a=b', size: '1G' }],
    [
      'rootfs',
      'local:200/subvol-200-disk-0.subvol,size=8G',
      { volume: 'local:200/subvol-200-disk-0.subvol', size: '8G' },
    ],
    ['mp3', 'volume=tank:x,mp=/srv', { volume: 'tank:x', mp: '/srv' }],
    ['unused0', 'local:100/vm-100-disk-1.qcow2', { volume: 'local:100/vm-100-disk-1.qcow2' }],
    [
      'smbios1',
      'uuid=79b896b4-0799-439e-a8de-05bcc0e2698c,serial=QUJD==,base64=1',
      { uuid: '79b896b4-0799-439e-a8de-05bcc0e2698c', serial: 'QUJD==', base64: '1' },
    ],
    ['agent', '1', { enabled: '1' }],
    ['agent', 'enabled=1,fstrim_cloned_disks=1', { enabled: '1', fstrim_cloned_disks: '1' }],
    ['boot', 'order=scsi0;net0', { order: 'scsi0;net0' }],
    ['boot', 'cdn', { legacy: 'cdn' }],
    ['ipconfig0', 'ip=10.0.0.5/24,gw=10.0.0.1', { ip: '10.0.0.5/24', gw: '10.0.0.1' }],
    ['startup', '3,up=20', { order: '3', up: '20' }],
    ['startup', 'order=3,up=20', { order: '3', up: '20' }],
    ['hostpci0', '0000:01:00.0,pcie=1', { host: '0000:01:00.0', pcie: '1' }],
    ['hostpci1', 'mapping=gpu', { mapping: 'gpu' }],
    ['usb0', 'host=1d6b:0002,usb3=1', { host: '1d6b:0002', usb3: '1' }],
    ['vga', 'virtio,memory=64', { type: 'virtio', memory: '64' }],
    ['cpu', 'host,flags=+aes;-pcid', { cputype: 'host', flags: '+aes;-pcid' }],
    ['watchdog', 'i6300esb,action=reset', { model: 'i6300esb', action: 'reset' }],
    ['numa0', 'cpus=0-1,memory=1024', { cpus: '0-1', memory: '1024' }],
    ['dev0', '/dev/dri/renderD128,gid=44', { path: '/dev/dri/renderD128', gid: '44' }],
  ])('takes %s=%s apart', (key, value, expected) => {
    expect(parsePropertyString(key, value)).toEqual(expected);
  });

  it.each([
    ['name', 'a=b,c=d'],
    ['description', 'x=1, y=2'],
    ['args', '-device x,y=z'],
    ['scsihw', 'virtio-scsi-pci'],
    ['tags', 'a;b'],
    ['numa', '1'],
    ['virtio', 'x'],
    ['toString', 'a=b'],
    ['scsi0', ''],
    ['ipconfig0', 'dhcp'],
    ['net0', 'virtio,e1000'],
    ['scsi0', 'a:b,size=1G,size=2G'],
    ['scsi0', 'a:b,'],
  ])('leaves %s=%s as it is', (key, value) => {
    expect(parsePropertyString(key, value)).toBe(value);
  });

  it('ignores the order of the parts, also in the JSON form', () => {
    const parts = ['virtio=BC:24:11:03:DA:DE', 'bridge=vmbr0', 'firewall=1', 'tag=10', 'rate=5'];
    const expected = JSON.stringify(parsePropertyString('net0', parts.join(',')));
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), order => {
        expect(JSON.stringify(parsePropertyString('net0', order.join(',')))).toBe(expected);
      }),
    );
  });

  it('loses nothing: what it took apart can be put together again', () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/).filter(text => text !== 'file');
    const text = fc.stringMatching(/^[\w:./;+=-]{0,12}$/);
    fc.assert(
      fc.property(fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true }), properties => {
        const value = Object.entries(properties)
          .map(pair => pair.join('='))
          .join(',');
        expect(parsePropertyString('scsi0', value)).toEqual(properties);
      }),
    );
  });

  it('never throws and never answers with anything but text', () => {
    fc.assert(
      fc.property(fc.constantFrom('net0', 'scsi0', 'boot', 'rootfs', 'x'), fc.string(), (key, value) => {
        const parsed = parsePropertyString(key, value);
        if (typeof parsed === 'string') expect(parsed).toBe(value);
        else for (const part of Object.values(parsed)) expect(value).toContain(part);
      }),
    );
  });
});
