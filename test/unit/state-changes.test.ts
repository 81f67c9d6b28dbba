import { describe, expect, test } from 'vitest';
import { isOtherLife, lifeOf } from '../../src/discovery/identity.ts';
import type { Version } from '../../src/model/change.ts';
import { diffStates } from '../../src/state/diff.ts';
import { redactLog, shortLog } from '../../src/state/log-text.ts';
import { judgeEnds, netChanges } from '../../src/state/net-changes.ts';
import { normaliseConfig, normaliseList, normaliseTags, realName } from '../../src/state/normalise.ts';

describe('form is not a change', () => {
  test.each([
    [{ memory: '2048' }, { memory: 2048 }],
    [{ onboot: true }, { onboot: 1 }],
    [{ net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' }, { net0: 'bridge=vmbr0,virtio=BC:24:11:00:00:01' }],
    [{ agent: '1' }, { agent: 'enabled=1' }],
    [{ scsi0: 'local:vm-1-disk-0,size=1G' }, { scsi0: 'file=local:vm-1-disk-0,size=1G' }],
    [
      { digest: 'a', cores: 2 },
      { digest: 'b', cores: 2 },
    ],
  ])('%j equals %j', (a, b) => {
    expect(normaliseConfig(a)).toEqual(normaliseConfig(b));
  });

  test('but a text that only looks like a number stays a text', () => {
    expect(normaliseConfig({ description: '007', name: 'x', serial0: '007' })).toEqual({
      description: '007',
      serial0: '007',
    });
  });

  test('lists have no order and tags three separators', () => {
    expect(normaliseTags('b;a,c a')).toEqual(['a', 'b', 'c']);
    expect(normaliseList('rootdir,images')).toEqual(['images', 'rootdir']);
    expect([realName('VM 104', 104), realName('CT201', 201), realName('VM 104', 105)]).toEqual([
      null,
      null,
      'VM 104',
    ]);
  });
});

test('differences name subfields; what one side never knew is none', () => {
  const before = { status: 'running', config: { net0: { tag: 10, bridge: 'vmbr0' } } };
  const after = { status: 'running', config: { net0: { tag: 20, bridge: 'vmbr0' } }, snapshots: { base: 1 } };
  expect(diffStates(before, after)).toEqual([{ path: 'config.net0.tag', from: 10, to: 20 }]);
});

describe('net changes', () => {
  const version = (facts: Partial<Version>): Version => ({
    ...{
      id: 1,
      seq: 1,
      at: 1,
      type: 'vm',
      resourceId: '1',
      incarnation: 1,
      change: 'updated',
      facet: 'config',
    },
    ...{ name: 'a', node: 'n', fields: [], state: {}, windowAfter: 0, windowBefore: 1 },
    ...facts,
  });
  const field = (from: number, to: number) => [{ path: 'config.cores', from, to }];

  test('there and back is nothing, further is one step', () => {
    expect(netChanges([version({ fields: field(1, 2) }), version({ seq: 2, fields: field(2, 1) })])).toEqual(
      [],
    );
    const [net] = netChanges([version({ fields: field(1, 2) }), version({ seq: 2, fields: field(2, 4) })]);
    expect(net).toMatchObject({ change: 'updated', fields: field(1, 4), seq: 2 });
  });

  test('created and deleted is nothing, a reused VMID two lives', () => {
    const lives = [version({ change: 'deleted' }), version({ seq: 2, change: 'created', incarnation: 2 })];
    expect(netChanges(lives).map(net => net.change)).toEqual(['deleted', 'created']);
    expect(netChanges([lives[1]!, version({ seq: 3, change: 'deleted', incarnation: 2 })])).toEqual([]);
  });
});

describe('the ends of an interval', () => {
  const step = (id: number, change: Version['change'], facts: Partial<Version> = {}): Version => ({
    ...{ id, seq: id, at: id, type: 'vm', resourceId: '1', incarnation: 1, change, facet: 'config' },
    ...{ name: 'a', node: 'n', fields: [], state: {}, windowAfter: 0, windowBefore: 1 },
    ...facts,
  });
  const cores = (id: number, from: number, to: number) =>
    step(id, 'updated', { fields: [{ path: 'config.cores', from, to }] });
  const memory = (id: number) => step(id, 'updated', { fields: [{ path: 'memory', from: 1, to: 2 }] });
  const undecided = undefined;
  test.each<[string, Version, Version, number | null | undefined]>([
    ['tell of one step', cores(7, 1, 2), cores(7, 1, 2), 7],
    ['tell of a field that moved', cores(7, 1, 2), cores(9, 3, 4), 9],
    ['leave open what went there and back', cores(7, 1, 2), cores(9, 2, 1), undecided],
    ['leave open fields that only one of them has', cores(7, 1, 2), memory(9), undecided],
    ['leave open what was learned last', cores(7, 1, 2), step(9, 'discovered'), undecided],
    ['leave several lives open', cores(7, 1, 2), step(9, 'created', { incarnation: 2 }), undecided],
    ['tell of a birth', step(7, 'created'), cores(9, 1, 2), 7],
    ['tell of a first sight', step(7, 'discovered', { windowAfter: null }), cores(9, 1, 2), 7],
    ['tell of a death', cores(7, 1, 2), step(9, 'deleted'), 9],
    ['tell of nothing where it came and went', step(7, 'created'), step(9, 'deleted'), null],
  ])('%s', (_, first, last, verdict) => expect(judgeEnds(first, last)).toBe(verdict));
});

describe('lines of the cluster log', () => {
  test.each([
    ['update VM 1: -cipassword geheim -memory 3', 'update VM 1: -cipassword (secret)'],
    ['update VM 1: -cipassword <hidden> -memory 3', 'update VM 1: -cipassword <hidden> -memory 3'],
    ['update VM 1: -args -fw_cfg string=geheim -name geheim', 'update VM 1: -args (secret)'],
    ['update VM 1: -description token=geheim', 'update VM 1: -description token=(secret)'],
    ['update VM 1: -sshkeys ssh-rsa%20geheim', 'update VM 1: -sshkeys (secret)'],
    ['update VM 1: -memory 3072', 'update VM 1: -memory 3072'],
  ])('%s', (line, kept) => {
    expect(redactLog(line)).toBe(kept);
  });

  test('are short as causes', () => {
    expect(shortLog('update VM 101: -memory 3072')).toBe('update: -memory 3072');
    expect(shortLog('delete snapshot VM 106: base')).toBe('delete snapshot: base');
  });
});

test('another VM has neither uuid, nor vmgenid, nor creation time of the former one', () => {
  const [a, b] = ['11111111-2222-4333-8444-555555555555', '99999999-2222-4333-8444-555555555555'];
  const life = (uuid: string, vmgenid: string, ctime: number) =>
    lifeOf({ smbios1: `uuid=${uuid}`, vmgenid, meta: `creation-qemu=10,ctime=${ctime}` });
  expect(isOtherLife(life(a, b, 1), life(b, a, 2))).toBe(false);
  expect(isOtherLife(life(a, a, 1), life(b, b, 1))).toBe(false);
  expect(isOtherLife(life(a, a, 1), life(b, b, 2))).toBe(true);
  expect(isOtherLife(null, life(a, a, 1))).toBe(false);
  expect(lifeOf({})).toBeNull();
});
