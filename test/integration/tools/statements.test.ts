import { afterAll, beforeAll, expect, test } from 'vitest';
import { readingOnce } from '../../../src/mcp/runner/reading-once.ts';
import { type Lab, startLab } from '../../support/lab.ts';

const statements: string[] = [];
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ guests: 12, statements, maxAgeMs: 86_400_000 });
  await lab.discover();
  await lab.call('list_tasks', { limit: 1 });
});
afterAll(() => lab.close());

// An answer of everyday grows slower by a statement at a time, which nobody sees: whoever needs one more raises its number here,
// and says in the commit what for. The calls are those that `npm run bench -- answers` measures.
test.each([
  ['get_cluster_status', {}, 38],
  ['list_nodes', {}, 7],
  ['list_vms', { limit: 5 }, 7],
  ['list_vms', {}, 5],
  ['list_vms', { status: 'running', sort: 'memory', order: 'desc', limit: 5 }, 6],
  ['list_guests', {}, 6],
  ['list_guests', { where: ['onboot=1'] }, 13],
  ['list_guests', { where: ['memory>8192000'] }, 16],
  ['list_guests', { group: ['node', 'tag'] }, 8],
  ['list_storage', {}, 5],
  ['list_tasks', { limit: 5 }, 12],
  ['get_resource', { resource: 'vm/100' }, 16],
  ['find_resources', { query: 'web01' }, 15],
  ['diff_state', { from: '24h' }, 26],
  ['show_history', { resource: 'vm/100' }, 19],
  ['show_history', {}, 20],
])('%s %j takes no more statements than it did', async (tool, args, atMost) => {
  await lab.call(tool, args);
  statements.length = 0;
  await lab.call(tool, args);
  expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(atMost);
});

test('a store that reads once answers as the store itself, asks once until it is told to forget, and then sees what changed', async () => {
  const { store, forget } = readingOnce(lab.store);
  const subject = ['vm/100'];
  const asked = [
    () => store.details('node'),
    () => store.details('cluster'),
    () => store.details('addresses', subject),
    () => store.details('ha', subject),
    () => store.details('ha', []),
    () => store.lastCommit('inventory'),
    () => store.lastCommit('config', { complete: true }),
    () => store.lastCommits(new Set(['storage', 'tasks'] as const)),
    () => store.tasks({ statuses: ['running'] }),
    () => store.guest('vm', 100),
    () => store.nodes(),
    () => store.note('mine'),
  ];
  const plain = lab.store;
  const expected = [
    await plain.details('node'),
    await plain.details('cluster'),
    await plain.details('addresses', subject),
    await plain.details('ha', subject),
    [],
    await plain.lastCommit('inventory'),
    await plain.lastCommit('config', { complete: true }),
    await plain.lastCommits(['storage', 'tasks']),
    await plain.tasks({ statuses: ['running'] }),
    await plain.guest('vm', 100),
    await plain.nodes(),
    await plain.note('mine'),
  ];
  statements.length = 0;
  expect(await Promise.all(asked.map(ask => ask()))).toEqual(expected);
  // Two of each pair of topics together; the commit with conditions is never shared.
  expect(statements).toHaveLength(8);
  expect(await Promise.all(asked.map(ask => ask()))).toEqual(expected);
  expect(statements).toHaveLength(9);
  await plain.saveNote('mine', 'new');
  expect(await store.note('mine')).toBeNull();
  forget();
  expect(await store.note('mine')).toBe('new');
});
