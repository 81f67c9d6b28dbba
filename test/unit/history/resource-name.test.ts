import { describe, expect, test } from 'vitest';
import { nearest, parseResourceName } from '../../../src/history/resource-name.ts';

describe('parseResourceName', () => {
  const all = ['node', 'vm', 'container', 'storage'];
  test.each([
    ['101', all, 101, '101'],
    [' 101 ', all, 101, '101'],
    ['vm/101', ['vm'], 101, '101'],
    ['VM/101', ['vm'], 101, '101'],
    ['vm:101', ['vm'], 101, '101'],
    ['vm 101', ['vm'], 101, '101'],
    ['qemu/101', ['vm'], 101, '101'],
    ['lxc/200', ['container'], 200, '200'],
    ['ct/200', ['container'], 200, '200'],
    ['ct:200', ['container'], 200, '200'],
    ['container/200', ['container'], 200, '200'],
    ['105 (web)', all, 105, '105 (web)'],
    ['vm/105 (web)', ['vm'], 105, '105 (web)'],
    ['node/pve1', ['node'], null, 'pve1'],
    ['storage/local-zfs', ['storage'], null, 'local-zfs'],
    ['storage/pve1/local', ['storage'], null, 'local'],
    ['proxmox://vms/101', ['vm'], 101, '101'],
    ['proxmox://containers/200', ['container'], 200, '200'],
    ['proxmox://nodes/pve1', ['node'], null, 'pve1'],
    ['proxmox://storage/nas', ['storage'], null, 'nas'],
    ['web01', all, null, 'web01'],
    ['my vm', all, null, 'my vm'],
    ['vm/web01', ['vm'], null, 'web01'],
    ['constructor/1', all, null, 'constructor/1'],
    ['9999999999', all, null, '9999999999'],
    ['', all, null, ''],
  ])('"$0" names $3, VMID $2, of the types $1', (input, types, vmid, text) => {
    const name = parseResourceName(input);
    expect([...name.types].sort()).toEqual([...types].sort());
    expect(name.vmid).toBe(vmid);
    expect(name.text).toBe(text);
  });
});

test('the names nearest to a misspelt one are found, the closest first', () => {
  expect(nearest('wbe01', ['db01', 'web02', 'web01'])[0]).toBe('web01');
  expect(nearest('web', ['web01', 'web02', 'db01'])).toEqual(['web01', 'web02']);
  expect(nearest('zzzz', ['web01'])).toEqual([]);
  expect(nearest('statsu', ['status', 'sort', 'node'], 1)).toEqual(['status']);
});
