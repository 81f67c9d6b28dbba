import { describe, expect, it } from 'vitest';
import { parseUpid, taskResource } from '../../../src/model/upid.ts';

describe('parseUpid', () => {
  it('takes a UPID with a token apart', () => {
    expect(parseUpid('UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam!mcp:')).toEqual({
      node: 'pve1',
      pid: 1403,
      pstart: 327879,
      startedAt: 1795221698_000,
      type: 'qmcreate',
      id: '108',
      user: 'root@pam',
      token: 'mcp',
    });
  });

  it('takes a UPID without id and token apart, with a long pstart', () => {
    expect(parseUpid('UPID:my-node:00000001:0123456789:6B000000:vzdump::admin@pve:')).toBeNull();
    expect(parseUpid('UPID:my-node:00000001:012345678:6B000000:aptupdate::admin@pve:')).toMatchObject({
      node: 'my-node',
      id: '',
      user: 'admin@pve',
    });
    expect(parseUpid('UPID:n:00000001:01234567:6B000000:aptupdate::admin@pve:')).not.toHaveProperty('token');
  });

  it.each([
    '',
    'UPID',
    '101',
    'UPID:pve1:0:0:0:x:1:root@pam:',
    'UPID:pve1:0000057B:000500C7:6B00E8C2:qmcreate:108:root@pam',
  ])('answers null for %j', text => {
    expect(parseUpid(text)).toBeNull();
  });
});

// Kills: a task of a container, whose own type does not tell, taken for a VM's.
describe('a task is about', () => {
  const about = (type: string, id: string, keeper?: 'vm' | 'container') =>
    taskResource(parseUpid(`UPID:pve1:0000057B:000500C7:6B00E8C2:${type}:${id}:root@pam:`)!, () => keeper);

  it.each([
    'vzdump',
    'resize',
    'move_volume',
    'hastart',
    'vncproxy',
    'never-heard-of',
  ])('whoever has the VMID, where its type is %s', type => {
    for (const keeper of ['vm', 'container'] as const)
      expect(about(type, '200', keeper)).toEqual({ type: keeper, id: '200' });
    expect(about(type, '200')).toBeNull();
    expect(about(type, 'local')).toEqual({ type: 'node', id: 'pve1' });
  });

  it('the guest that its own type tells, whoever has the VMID now', () => {
    expect(about('qmigrate', '200', 'container')).toEqual({ type: 'vm', id: '200' });
    expect(about('vzstart', '200', 'vm')).toEqual({ type: 'container', id: '200' });
  });
});
