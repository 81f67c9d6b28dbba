import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../src/answers/search/query.ts';
import { matchSettings } from '../../../src/answers/search/settings.ts';
import { normaliseConfig } from '../../../src/history/normalise.ts';

const config = normaliseConfig({
  memory: '8192',
  onboot: 1,
  cpu: 'host,flags=+aes',
  machine: 'pc-q35-9.0',
  scsi0: 'local-zfs:vm-101-disk-0,iothread=1,size=32G,cache=writeback',
  net0: 'virtio=BC:24:11:03:DA:DE,bridge=vmbr12,tag=20,trunks=5;30-40',
  hostpci0: '0000:01:00.0,pcie=1',
  nameserver: '10.0.0.50 10.0.0.6',
  hookscript: 'local:snippets/hook.pl',
  cipassword: 'hunter2',
});
const find = (query: string) => matchSettings(parseQuery(query), 'config', config).map(match => match.field);

test.each([
  ['vm-101-disk-0', ['config.scsi0.volume']],
  ['disk-0', ['config.scsi0.volume']],
  ['local-zfs:vm-101', ['config.scsi0.volume']],
  ['host', ['config.cpu.cputype', 'config.hostpci0.host']],
  ['q35', ['config.machine.type']],
  ['aes', ['config.cpu.flags']],
  ['vmbr12', ['config.net0.bridge']],
  ['vmbr1', ['config.net0.bridge']],
  ['onboot', ['config.onboot']],
  ['onboot=1', ['config.onboot']],
  ['onboot=0', []],
  ['memory=8192', ['config.memory']],
  ['8192', ['config.memory']],
  ['819', []],
  ['cache=writeback', ['config.scsi0.cache']],
  ['scsi0.cache', ['config.scsi0.cache']],
  ['hostpci', ['config.hostpci0.host', 'config.hostpci0.pcie']],
  ['01:00.0', ['config.hostpci0.host']],
  ['10.0.0.5', []],
  ['10.0.0.6', ['config.nameserver']],
  ['hook.pl', ['config.hookscript']],
  ['local-zfs', []],
  ['hunter2', []],
])('a search for $0 finds the settings $1', (query, fields) =>
  expect(find(query).sort()).toEqual([...fields].sort()));

test('a value that is shown is found by itself, by its key, and by both, wherever it stands', () => {
  const key = fc.constantFrom(
    'description2',
    'args',
    'hookscript',
    'searchdomain',
    'machine',
    'vga',
    'scsi3',
    'net7',
    'mp2',
  );
  const value = fc.stringMatching(/^[a-z]{4,12}-[a-z0-9]{3,8}$/);
  fc.assert(
    fc.property(key, value, (name, text) => {
      const found = (query: string) =>
        matchSettings(parseQuery(query), 'config', normaliseConfig({ [name]: text })).length;
      const parsed = parseQuery(text);
      const part = text.slice(1, -1);
      // `aaa-000` is the beginning of a MAC address, and sought as such.
      for (const { mac, isAddress, snapshot, vlan } of [parsed, parseQuery(part)])
        fc.pre(mac === null && !isAddress && snapshot === null && vlan === null);
      expect(found(text)).toBe(1);
      expect(found(part)).toBe(1);
      expect(found(name)).toBe(1);
      expect(found(`${name}=${text}`)).toBe(1);
      expect(parsed.mayBeIn(JSON.stringify(normaliseConfig({ [name]: text })))).toBe(true);
    }),
  );
});
