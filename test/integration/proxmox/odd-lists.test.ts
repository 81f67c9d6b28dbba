import { afterAll, beforeAll, expect, test } from 'vitest';
import { reasonText } from '../../../src/model/reason-text.ts';
import { unseenText } from '../../../src/model/unseen-text.ts';
import { allEndpoints } from '../../../src/proxmox/index.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { requestsOf } from '../../support/odd-values.ts';

const LISTS = allEndpoints()
  .map(({ endpoint }) => endpoint)
  .filter(({ answer }) => answer.isList);
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ discovered: true, guests: 14 });
  await lab.discover({ deep: true });
});
afterAll(() => lab.close());

type Rows = Record<string, unknown>[];

/** Looks twice, first at altered answers, then at proper ones: nothing of either makes history. */
async function lookAt(paths: readonly string[], alter: (rows: Rows, path: string) => unknown) {
  const before = await lab.store.countVersions({});
  const details = await detailsOf();
  const asked = new Set<string>();
  for (const path of paths)
    lab.sim.faults.add({
      match: requestsOf(path),
      kind: 'alter',
      alter: data => {
        asked.add(path);
        return alter(data as Rows, path);
      },
    });
  const run = await lab.discover({ deep: true }).catch((error: unknown) => error as Error);
  const meanwhile = await detailsOf();
  lab.sim.faults.clear();
  lab.sim.clock.advance(1_000);
  await lab.discover({ deep: true });
  expect(await lab.store.countVersions({}), paths.join(' ')).toBe(before);
  expect(meanwhile).toEqual(details);
  const told =
    run instanceof Error
      ? [run.message]
      : [
          ...run.warnings,
          ...run.unseen.map(({ what, reason }) => `${unseenText(what)}: ${reasonText(reason)}`),
        ];
  return { run, asked, told };
}

async function detailsOf() {
  const topics = ['ha', 'backup_job', 'pool', 'replication'] as const;
  const rows = await Promise.all(topics.map(topic => lab.store.details(topic)));
  return rows.flat().map(({ topic, subject, data }) => `${topic} ${subject} ${JSON.stringify(data)}`);
}

// Each of these decides what else is asked, or is read together with another one.
const APART = ['/cluster/resources', '/cluster/status', '/cluster/ha/status/current'];
const LOOKS = [
  ...APART.map(path => [path]),
  LISTS.map(({ path }) => path).filter(path => !APART.includes(path)),
];

test.each<[string, unknown]>([
  ['null', null],
  ['an empty object', {}],
  ['a text', 'x'],
  ['a list of nothing', [null]],
  ['a list in a list', [[{ id: 'x' }]]],
])(
  'a list that is %s says of nothing that it is gone, and is named',
  async (_, instead) => {
    for (const paths of LOOKS) {
      const { asked, told } = await lookAt(paths, () => instead);
      expect(asked.size).toBeGreaterThan(paths.length / 2);
      for (const path of asked) {
        // A guest that is off has no interfaces, in just these forms.
        if (/interfaces$/.test(path)) continue;
        const named = new RegExp(path.replace(/\{\w+\}/g, '[^/]+'));
        expect(
          told.some(line => named.test(line)),
          `${path}: ${told.join('\n')}`,
        ).toBe(true);
      }
    }
  },
  300_000,
);

test('a row that stands twice in a list counts once', async () => {
  const { asked } = await lookAt(
    LISTS.map(({ path }) => path),
    rows => void rows.push(...structuredClone(rows)),
  );
  expect(asked.size).toBeGreaterThan(12);
}, 300_000);

/** What in rows about one thing may differ, and how: each other value could be there. */
const CONTRADICTIONS: { [path: string]: Record<string, unknown> } = {
  '/cluster/resources': {
    status: 'stopped',
    name: 'other',
    pool: 'other',
    hastate: 'error',
    lock: 'suspended',
  },
  '/cluster/status': { quorate: 0, online: 0 },
  '/cluster/ha/resources': { state: 'disabled', comment: 'other' },
  '/cluster/backup': { enabled: 0, schedule: '01:00', storage: 'other' },
  '/pools': { comment: 'other' },
  '/storage': { content: 'iso', disable: 1, nodes: 'pve1', type: 'nfs', path: '/other' },
  '/nodes/{node}/storage': { active: 0, total: 0, used: 0 },
  '/nodes/{node}/qemu/{vmid}/pending': { value: 'other', pending: 'other' },
  '/nodes/{node}/lxc/{vmid}/pending': { value: 'other', pending: 'other' },
  '/nodes/{node}/qemu/{vmid}/snapshot': { snaptime: 1_600_000_000 },
  '/nodes/{node}/lxc/{vmid}/snapshot': { snaptime: 1_600_000_000 },
};

test.each([
  'before',
  'after',
])('of two rows that contradict each other neither is believed: the other one %s', async where => {
  const paths = Object.keys(CONTRADICTIONS);
  const { asked, told } = await lookAt(paths, (rows, path) => {
    const others = rows.map(row => ({ ...structuredClone(row), ...CONTRADICTIONS[path] }));
    if (where === 'before') rows.unshift(...others);
    else rows.push(...others);
  });
  for (const path of asked)
    expect(told.join('\n'), path).toMatch(
      new RegExp(`${path.replace(/[{}]/g, '\\$&')}: \\w+: sent twice with different values`),
    );
}, 300_000);

test('a VMID that a VM and a container share is neither', async () => {
  const running = Object.values(lab.sim.truth.state().guests).find(one => one.type === 'qemu')!;
  const { told } = await lookAt(['/cluster/resources'], rows => {
    const own = rows.find(row => row['vmid'] === running.vmid)!;
    rows.push({ ...own, type: 'lxc', id: `lxc/${running.vmid}` });
  });
  expect(told.join('\n')).toMatch(/type: sent twice/);
});

test('a node is not called by what is no name, however its row tells it', async () => {
  for (const name of ['..', '\u202epve'])
    for (const path of ['/cluster/resources', '/cluster/status']) {
      const { run } = await lookAt([path], rows => {
        const row = rows.find(one => one['type'] === 'node')!;
        const odd = { ...row, id: `node/${name}`, node: name, name };
        rows.push(odd);
      });
      expect(run, `${path} ${name}`).toMatchObject({ status: 'completed' });
      expect((await lab.store.nodes()).map(node => node.id)).not.toContain(name);
    }
}, 300_000);

test('high availability of what is no guest is that of no guest', async () => {
  const { vmid } = Object.values(lab.sim.truth.state().guests).find(one => one.type === 'qemu')!;
  const sids = [`${vmid}`, `fa:${vmid}`, 'vm:', 'vm:x', 'vm', '..', 'vm:1:2', `vm:${vmid} `];
  const { told } = await lookAt(['/cluster/ha/resources'], rows => {
    rows.push(...sids.map(sid => ({ sid, state: 'started', type: 'vm' })));
  });
  expect(told.join('\n')).toMatch(/cluster\/ha\/resources: sid: expected .*vm:x/);
});
