import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Composed, composeConfig, type FieldStep } from '../../../src/apply/compose.ts';
import { type Reading, sameValue } from '../../../src/apply/standing.ts';
import type { GuestAddress } from '../../../src/proxmox/operations/index.ts';
import { writeRequest } from '../../../src/proxmox/operations/request.ts';

const digest = 'd'.repeat(40);
const MAC = 'BC:24:11:00:00:01';
const vm: GuestAddress = { type: 'vm', vmid: 100, node: 'pve1' };
const container: GuestAddress = { type: 'container', vmid: 200, node: 'pve1' };
const card = `virtio=${MAC},bridge=vmbr0,firewall=1,tag=20`;

function reading(values: Record<string, string>, waiting: Record<string, string | null> = {}): Reading {
  return { at: 0, sameGuest: true, digest, values, waiting, busy: false };
}

function setBy(composed: Composed): { set: object; remove: readonly string[] } {
  if (composed.kind === 'nothing') return { set: {}, remove: [] };
  if (composed.kind !== 'operation' || composed.operation.kind !== 'config') throw new Error(composed.kind);
  expect(() => writeRequest(composed.operation)).not.toThrow();
  const { set, remove } = composed.operation;
  return { set, remove };
}

describe('one write of a guest', () => {
  const cases: [string, GuestAddress, Record<string, string>, FieldStep[], object, string[]][] = [
    [
      'a number',
      vm,
      { memory: '2048' },
      [{ path: 'config.memory', from: 2048, to: 4096 }],
      { memory: '4096' },
      [],
    ],
    ['a flag that is unset', vm, {}, [{ path: 'config.onboot', from: null, to: 1 }], { onboot: '1' }, []],
    [
      'a flag whose default is meant',
      vm,
      {},
      [{ path: 'config.onboot', from: false, to: true }],
      { onboot: '1' },
      [],
    ],
    ['a key taken away', vm, { cores: '4' }, [{ path: 'config.cores', from: 4, to: null }], {}, ['cores']],
    ['tags', vm, { tags: 'b;a' }, [{ path: 'tags', from: ['a', 'b'], to: ['a', 'c'] }], { tags: 'a;c' }, []],
    ['the last tag', vm, { tags: 'a' }, [{ path: 'tags', from: ['a'], to: [] }], {}, ['tags']],
    [
      'the name of a VM',
      vm,
      { name: 'web' },
      [{ path: 'name', from: 'web', to: 'www' }],
      { name: 'www' },
      [],
    ],
    [
      'the name of a container',
      container,
      { hostname: 'web' },
      [{ path: 'name', from: 'web', to: 'www' }],
      { hostname: 'www' },
      [],
    ],
    [
      'a VLAN',
      vm,
      { net0: card },
      [{ path: 'config.net0.tag', from: 20, to: 30 }],
      { net0: card.replace('20', '30') },
      [],
    ],
    [
      'a VLAN taken away',
      vm,
      { net0: card },
      [{ path: 'config.net0.tag', from: 20, to: null }],
      { net0: card.replace(',tag=20', '') },
      [],
    ],
    [
      'a card made another model',
      vm,
      { net0: card },
      [{ path: 'config.net0.model', from: 'virtio', to: 'e1000' }],
      { net0: card.replace('virtio', 'e1000') },
      [],
    ],
    [
      'two fields of a card',
      vm,
      { net0: card },
      [
        { path: 'config.net0.tag', from: 20, to: 30 },
        { path: 'config.net0.firewall', from: 1, to: 0 },
      ],
      { net0: `virtio=${MAC},bridge=vmbr0,firewall=0,tag=30` },
      [],
    ],
    [
      'a part without a name',
      vm,
      { agent: '1,fstrim_cloned_disks=1' },
      [{ path: 'config.agent.enabled', from: 1, to: 0 }],
      { agent: '0,fstrim_cloned_disks=1' },
      [],
    ],
    [
      'a part of an absent key',
      vm,
      {},
      [{ path: 'config.agent.enabled', from: null, to: 1 }],
      { agent: '1' },
      [],
    ],
    [
      'a note of a container, which ends with a newline',
      container,
      { description: 'x\n' },
      [{ path: 'config.description', from: 'x', to: 'y' }],
      { description: 'y' },
      [],
    ],
  ];
  test.each(cases)('of $0 sets $4 and removes $5', (_, guest, values, steps, set, remove) => {
    expect(setBy(composeConfig(guest, steps, reading(values)))).toEqual({ set, remove });
  });

  test('rests on what will stand after a restart, and keeps what was in force and what waited apart', () => {
    const read = reading({ memory: '2048' }, { memory: '3072' });
    const composed = composeConfig(vm, [{ path: 'config.memory', from: 3072, to: 4096 }], read);
    expect(composed).toMatchObject({ wanted: [{ key: 'memory', from: '2048', waited: '3072', to: '4096' }] });
    expect(composeConfig(vm, [{ path: 'config.memory', from: 2048, to: 4096 }], read).kind).toBe('moved');
  });

  test('is not made where a field has another value by now, and names each', () => {
    const steps = [
      { path: 'config.memory', from: 2048, to: 4096 },
      { path: 'config.net0.tag', from: 20, to: 30 },
      { path: 'tags', from: ['a'], to: ['b'] },
    ];
    const read = reading({ memory: '2048', net0: card.replace('20', '77'), tags: 'a;x' });
    expect(composeConfig(vm, steps, read)).toEqual({
      kind: 'moved',
      moved: [
        { path: 'config.net0.tag', from: 20, now: 77 },
        { path: 'tags', from: ['a'], now: ['a', 'x'] },
      ],
    });
  });

  test.each([
    'config.scsi0',
    'config.boot',
    'config.startup',
    'pool',
    'config.net0.tag.x',
    'template',
    'status',
  ])('%s of a VM is never written', path => {
    expect(() => composeConfig(vm, [{ path, from: null, to: '1' }], reading({}))).toThrow(/never written/);
  });

  test('a card is changed, never added', () => {
    const step = { path: 'config.net1.tag', from: null, to: 30 };
    expect(() => composeConfig(vm, [step], reading({}))).toThrow(/never added/);
  });
});

const parts = fc.record(
  {
    bridge: fc.constantFrom('vmbr0', 'vmbr1'),
    firewall: fc.constantFrom('0', '1'),
    link_down: fc.constantFrom('0', '1'),
    mtu: fc.integer({ min: 1, max: 9000 }).map(String),
    tag: fc.integer({ min: 1, max: 4094 }).map(String),
  },
  { requiredKeys: [] },
);

test('what a step does not name is sent as it was read, and the way back gives the former value', () => {
  const life = fc.record({
    had: parts,
    shuffled: fc.shuffledSubarray(['bridge', 'firewall', 'link_down', 'mtu', 'tag'], { minLength: 5 }),
    part: fc.constantFrom('tag', 'mtu', 'firewall', 'link_down', 'bridge'),
    to: fc.option(fc.integer({ min: 0, max: 1 }).map(String)),
    model: fc.constantFrom('virtio', 'e1000'),
  });
  fc.assert(
    fc.property(life, ({ had, shuffled, part, to, model }) => {
      const written = shuffled.flatMap(name => (name in had ? [`${name}=${had[name as 'tag']}`] : []));
      const net0 = [`${model}=${MAC}`, ...written].join(',');
      const from = had[part] ?? null;
      const path = `config.net0.${part}`;
      const there = composeConfig(vm, [{ path, from, to }], reading({ net0 }));
      const sent = (setBy(there).set as { net0?: string }).net0 ?? net0;
      expect(sent.startsWith(`${model}=${MAC}`)).toBe(true);
      const others = (text: string) => text.split(',').filter(piece => !piece.startsWith(`${part}=`));
      expect(others(sent)).toEqual(others(net0));
      const back = composeConfig(vm, [{ path, from: to, to: from }], reading({ net0: sent }));
      const restored = (setBy(back).set as { net0?: string }).net0 ?? sent;
      expect(sameValue('vm', 'net0', restored, net0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
