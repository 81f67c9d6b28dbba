import { describe, expect, test } from 'vitest';
import { isOtherLife, lifeOf } from '../../../src/discovery/common/identity.ts';
import { diffStates } from '../../../src/history/diff.ts';
import { redactLog, shortLog } from '../../../src/history/log-text.ts';
import { normaliseConfig, normaliseList, normaliseTags, realName } from '../../../src/history/normalise.ts';

describe('form is not a change', () => {
  test.each([
    [{ memory: '2048' }, { memory: 2048 }],
    [{ onboot: true }, { onboot: 1 }],
    [{ net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' }, { net0: 'bridge=vmbr0,virtio=BC:24:11:00:00:01' }],
    [{ agent: '1' }, { agent: 'enabled=1' }],
    [{ agent: 1 }, { agent: true }],
    [{ agent: 1 }, { agent: '1' }],
    [{ onboot: false }, { onboot: '0' }],
    [{ description: 2026 }, { description: '2026' }],
    [{ cores: 2, bios: null, hookscript: undefined }, { cores: 2 }],
    [{ scsi0: 'local:vm-1-disk-0,size=1G' }, { scsi0: 'file=local:vm-1-disk-0,size=1G' }],
    [
      { digest: 'a', cores: 2 },
      { digest: 'b', cores: 2 },
    ],
  ])('%j equals %j', (a, b) => {
    expect(normaliseConfig(a)).toEqual(normaliseConfig(b));
  });

  test('a text that only looks like a number stays a text', () => {
    const texts = {
      description: '7',
      serial0: '007',
      affinity: '1-2',
      hookscript: '-Infinity',
      bios: '-Infinity',
    };
    expect(normaliseConfig({ ...texts, name: 'x', cpulimit: '0.5', balloon: '-1' })).toEqual({
      ...texts,
      cpulimit: 0.5,
      balloon: -1,
    });
  });

  test('parts of a property string are numbers where they are canonical ones', () => {
    expect(normaliseConfig({ net0: 'virtio=BC:24:11:00:00:01,tag=10', smbios1: 'serial=007' })).toEqual({
      net0: { model: 'virtio', macaddr: 'BC:24:11:00:00:01', tag: 10 },
      smbios1: { serial: '007' },
    });
  });

  test('lists have no order and tags three separators', () => {
    expect(normaliseTags(' b;a,c a;')).toEqual(['a', 'b', 'c']);
    expect([normaliseTags(''), normaliseTags(null), normaliseList(undefined)]).toEqual([[], [], []]);
    expect(normaliseList('rootdir,images')).toEqual(['images', 'rootdir']);
    expect([realName('VM 104', 104), realName('CT201', 201), realName(undefined, 1)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(realName('VM 104', 105)).toBe('VM 104');
  });
});

describe('a difference', () => {
  test('names subfields', () => {
    const before = { status: 'running', config: { net0: { tag: 10, bridge: 'vmbr0' } } };
    const after = { status: 'running', config: { net0: { tag: 20, bridge: 'vmbr0' } } };
    expect(diffStates(before, after)).toEqual([{ path: 'config.net0.tag', from: 10, to: 20 }]);
  });

  test.each(['config', 'pending', 'snapshots'])('is none in %s that only one side knows', part => {
    const [less, more] = [{ status: 'running' }, { status: 'running', [part]: { base: 1 } }];
    expect([diffStates(less, more), diffStates(more, less)]).toEqual([[], []]);
  });

  test('is null where a field is absent, and comes in the order of the paths', () => {
    const before = { pool: 'dev', lock: null, tags: ['a', 'b'], config: { onboot: 1, memory: 1 } };
    const after = { pool: null, ha: 'started', tags: ['b'], config: { cores: 2, memory: 1 } };
    expect(diffStates(before, after)).toEqual([
      { path: 'config.cores', from: null, to: 2 },
      { path: 'config.onboot', from: 1, to: null },
      { path: 'ha', from: null, to: 'started' },
      { path: 'pool', from: 'dev', to: null },
      { path: 'tags', from: ['a', 'b'], to: ['b'] },
    ]);
  });
});

describe('lines of the cluster log', () => {
  test.each([
    ['update VM 1: -cipassword geheim -memory 3', 'update VM 1: -cipassword (secret)'],
    ['update VM 1: -cipassword <hidden> -memory 3', 'update VM 1: -cipassword <hidden> -memory 3'],
    ['update VM 1: -args -fw_cfg string=geheim -name geheim', 'update VM 1: -args (secret)'],
    ['update VM 1: -description token=geheim', 'update VM 1: -description token=(secret)'],
    ['update VM 1: -sshkeys ssh-rsa%20geheim', 'update VM 1: -sshkeys (secret)'],
    ['update VM 1: -password geheim', 'update VM 1: -password (secret)'],
    ['update VM 1: -env A=geheim\nB=geheim', 'update VM 1: -env (secret)'],
    ['update VM 1: -x passwd=geheim', 'update VM 1: -x passwd=(secret)'],
    ['update VM 1: -x secret: "ge heim"', 'update VM 1: -x secret: (secret)'],
    ["update VM 1: -x api-key='ge heim'", 'update VM 1: -x api-key=(secret)'],
    ['update VM 1: -memory 3072', 'update VM 1: -memory 3072'],
  ])('$0 is kept as $1', (line, kept) => {
    expect(redactLog(line)).toBe(kept);
  });

  test('are shortened where they are shown as causes', () => {
    expect(shortLog('update VM 101: -memory 3072')).toBe('update: -memory 3072');
    expect(shortLog('delete snapshot VM 106: base')).toBe('delete snapshot: base');
    expect(shortLog('update container 200: -memory 512')).toBe('update: -memory 512');
    expect(shortLog('update VM 101: -description see VM 106: x')).toBe('update: -description see VM 106: x');
    expect(shortLog('HA: migrate VM 106: x')).toBe('HA: migrate VM 106: x');
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
