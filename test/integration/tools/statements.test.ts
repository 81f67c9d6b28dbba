import { afterAll, beforeAll, expect, test } from 'vitest';
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
  ['get_cluster_status', {}, 72],
  ['list_nodes', {}, 7],
  ['list_vms', { limit: 5 }, 7],
  ['list_vms', {}, 5],
  ['list_vms', { status: 'running', sort: 'memory', order: 'desc', limit: 5 }, 7],
  ['list_guests', {}, 6],
  ['list_guests', { where: ['onboot=1'] }, 13],
  ['list_guests', { where: ['memory>8192000'] }, 16],
  ['list_guests', { group: ['node', 'tag'] }, 11],
  ['list_storage', {}, 5],
  ['list_tasks', { limit: 5 }, 16],
  ['get_resource', { resource: 'vm/100' }, 32],
  ['find_resources', { query: 'web01' }, 22],
  ['diff_state', { from: '24h' }, 28],
  ['show_history', { resource: 'vm/100' }, 24],
  ['show_history', {}, 23],
])('%s %j takes no more statements than it did', async (tool, args, atMost) => {
  await lab.call(tool, args);
  statements.length = 0;
  await lab.call(tool, args);
  expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(atMost);
});
