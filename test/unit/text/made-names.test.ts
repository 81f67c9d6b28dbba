import { describe, expect, test } from 'vitest';
import { withoutMadeNames } from '../../../src/text/made-names.ts';
import { maskText } from '../../../src/text/mask.ts';

const MADE = [
  '927377462c87cfeac1422b9ca8f402361eaef81b',
  '8c1f2a64-0000-4000-8000-000000000012',
  'uuid=8c1f2a64-0000-4000-8000-000000000012',
  'creation-qemu=10.0.13,ctime=1787810400',
  'virtio-scsi-single',
  'carol@ldap',
  'root@pam!terraform',
];
const PARTS = [
  'vm-669-disk-0',
  'base-9000-disk-12',
  'subvol-982-disk-0',
  'vzdump-qemu-412-2026_11_19-06_00_00.vma.zst',
  'vzdump-lxc-1058-2026_11_19-06_00_00.tar',
  'UPID:pve5:000009B7:35FD5C7A:6AFBEE20:vzdump::root@pam:',
  'UPID:pve5:000009B7:135FD5C7A:6AFBEE20:qmsnapshot:100:bob@pve!ci:',
  // Neither a node nor a storage is a secret, whatever it is called.
  'UPID:vault-token:000009B7:35FD5C7A:6AFBEE20:imgdel:key-store:root@pam:',
];
const SECRETS = [
  'ghp_Zx81kQp0LmN4vB7cT2yR9wE5sD3fG6hJ1aKo',
  'AKIAZX81KQP0LMN4VB7C',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.k8sQp0LmN4vB7cT2yR9wE5sD3',
];

describe('names that Proxmox makes up', () => {
  test.each([...MADE, ...PARTS])('%s is no secret and is known at a glance', name => {
    expect(maskText(name)).toBe(name);
    expect(withoutMadeNames(name).length).toBeLessThanOrEqual(1);
  });

  // Kills: a text that is passed over for the name in it.
  test.each(
    SECRETS.flatMap(secret => [...MADE, ...PARTS].map(name => [secret, name])),
  )('%s is found beside %s', (secret, name) => {
    for (const between of [' ', ',', '\n', ', token: ', ' password=', '/'])
      for (const text of [`${name}${between}${secret}`, `${secret}${between}${name}`])
        expect(maskText(text), text).not.toContain(secret);
  });

  test('a text in hexadecimal digits is no digest, however long it is', () => {
    for (const text of ['password: Geheim1234', 'token: x7Kp-9Qz_2abc', 'pw: Sommer2024!xyzab'])
      expect(maskText(Buffer.from(text).toString('hex')), text).toBe('(secret)');
  });

  test('a longer word with such a name in it is looked through', () => {
    for (const word of [
      'Axvm-1-disk-0',
      'vm-1-disk-0/Zx81kQp0',
      'vm-1-disk-00000',
      'subvol-1-disk-0x',
      'avm-1-disk-1',
      'UPID:pve5:000009B7:35FD5C7A:6AFBEE20:vzdump::root@pam:hunter2',
      'UPID:pve5:password:35FD5C7A:6AFBEE20:hunter2:100:root@pam:',
      'carol@ldap@hunter2',
    ])
      expect(withoutMadeNames(word)).toBe(word);
  });
});
