import { describe, expect, test } from 'vitest';
import { compareClusters, type KnownCluster } from '../../../src/discovery/inventory/same-cluster.ts';

const uuid = (n: number) => `79b896b4-0799-439e-a8de-0000000000${n}`;
const ids = Array.from({ length: 8 }, (_, n) => 10 + n);

/** A store of `name` with these nodes and VMs on the first of them. */
const known = (name: string, nodes: string[]) =>
  ({
    stored: { name, rootFingerprint: 'AA', firstSeen: 0, quorate: true },
    nodes: nodes.map(id => ({ id, removed: false })),
    guests: new Map(
      ids.map(id => [`vm/${id}`, { type: 'vm', id, nodeId: nodes[0], identity: `${uuid(id)} ctime=1` }]),
    ),
  }) as unknown as KnownCluster;

const seen = (clusterName: string, nodes: string[]) => {
  const guests = ids.map(id => ({ type: 'vm', id, node: nodes[0]! }));
  return {
    clusterName,
    nodes: nodes.map(id => ({ id })),
    listed: new Map(guests.map(guest => [`vm/${guest.id}`, guest])),
    online: new Set(nodes),
  } as unknown as Parameters<typeof compareClusters>[2];
};

/** What VMs tell of themselves. */
const api = (smbios: (vmid: number) => string | null) =>
  ({
    get: async (_: unknown, { vmid }: { vmid: number }) => {
      const own = smbios(vmid);
      return own === null ? {} : { smbios1: `uuid=${own}`, meta: 'creation-qemu=9.0,ctime=1' };
    },
  }) as unknown as Parameters<typeof compareClusters>[0];

const same = api(uuid);
const verdict = async (
  of: Parameters<typeof compareClusters>[0],
  store: KnownCluster,
  found: ReturnType<typeof seen>,
) => (await compareClusters(of, store, found)).verdict;

test.each([
  ['renewed certificates', same, known('lab', ['a', 'b', 'c']), seen('lab', ['a', 'b', 'c']), 'same'],
  ['a node that stood alone and was renamed', same, known('a', ['a']), seen('z', ['z']), 'same'],
  ['a node that stood alone and joined a cluster', same, known('a', ['a']), seen('lab', ['a', 'b']), 'same'],
  ['a cluster by another name', same, known('lab', ['a', 'b']), seen('prod', ['a', 'b']), 'other'],
  ['a node that left its cluster', same, known('lab', ['a', 'b']), seen('a', ['a']), 'other'],
  ['other VMs', api(id => uuid(id + 50)), known('lab', ['a']), seen('lab', ['a']), 'other'],
  [
    'other VMs made by the same template',
    api(id => uuid(id + 50)),
    known('a', ['a']),
    seen('z', ['z']),
    'other',
  ],
  [
    'one other VM among the same',
    api(id => uuid(id === 10 ? 99 : id)),
    known('lab', ['a']),
    seen('lab', ['a']),
    'unsure',
  ],
  ['VMs that tell nothing', api(() => null), known('lab', ['a']), seen('lab', ['a']), 'unsure'],
  [
    'most VMs silent',
    api(id => (id < 12 ? uuid(id) : null)),
    known('lab', ['a']),
    seen('lab', ['a']),
    'unsure',
  ],
  ['none of several nodes', same, known('lab', ['a', 'b']), seen('lab', ['x', 'y']), 'other'],
  ['one of four nodes', same, known('lab', ['a', 'b', 'c', 'd']), seen('lab', ['a', 'x', 'y']), 'unsure'],
] as const)('$0: $4', async (_, of, store, found, expected) => {
  expect(await verdict(of, store, found)).toBe(expected);
});

// Kills: a store of containers alone that can never be adopted, and one that is by what every cluster has alike.
describe('a store of containers alone', () => {
  const card = (id: number) => ({ name: 'eth0', hwaddr: `BC:24:11:00:00:${id}` });
  const store = (cards = true) =>
    ({
      ...known('lab', ['a']),
      guests: new Map(
        ids.map(id => [
          `container/${id}`,
          { type: 'container', id, nodeId: 'a', name: `box${id}`, identity: null },
        ]),
      ),
      configs: async (of: { id: number }[]) =>
        of.map(({ id }) => ({ type: 'container', id, config: cards ? { net0: card(id) } : {} })),
    }) as unknown as KnownCluster;
  const there = () => {
    const found = seen('lab', ['a']);
    const guests = ids.map(id => ({ type: 'container', id, node: 'a' }));
    return {
      ...found,
      listed: new Map(guests.map(guest => [`container/${guest.id}`, guest])),
    } as unknown as typeof found;
  };
  const boxes = (of: (vmid: number) => { name: string; card: number } | null) =>
    ({
      get: async (_: unknown, { vmid }: { vmid: number }) => {
        const own = of(vmid);
        return own === null
          ? {}
          : { hostname: own.name, net0: `name=eth0,bridge=vmbr0,hwaddr=bc:24:11:00:00:${own.card},ip=dhcp` };
      },
    }) as unknown as Parameters<typeof compareClusters>[0];

  test.each<[string, Parameters<typeof boxes>[0], boolean, string]>([
    ['with their names and network cards', id => ({ name: `box${id}`, card: id }), true, 'same'],
    ['with other cards', id => ({ name: `box${id}`, card: id + 50 }), true, 'other'],
    [
      'one of which has another card',
      id => ({ name: `box${id}`, card: id === 10 ? 99 : id }),
      true,
      'unsure',
    ],
    ['most of which were renamed', id => ({ name: id < 12 ? `box${id}` : 'x', card: id }), true, 'unsure'],
    ['that tell nothing', () => null, true, 'unsure'],
    ['of which no card was known', id => ({ name: `box${id}`, card: id }), false, 'unsure'],
  ])('$0: $3', async (_, of, cards, expected) =>
    expect(await verdict(boxes(of), store(cards), there())).toBe(expected));
});
