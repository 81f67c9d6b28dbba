import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lab } from '../../support/lab.ts';
import { declaredFields, requestsOf } from '../../support/odd-values.ts';
import { startStory } from '../../support/story.ts';

const LISTS = [...new Set(declaredFields().flatMap(field => (field.isList ? [field.endpoint] : [])))];
let lab: Lab;
let story: () => Promise<string[]>;
beforeAll(async () => {
  ({ lab, story } = await startStory({ guests: 14 }));
});
afterAll(() => lab.close());

// Kills: a list of which no row can be read taken for an empty one, and one that ends the run with all that does not need it.
test.each(
  LISTS,
)('of %s no row can be read: it is unread, the rest is looked at, and nothing has changed', async list => {
  let struck = 0;
  const alter = (data: unknown) => {
    if (!Array.isArray(data) || data.length === 0) return data;
    struck++;
    return data.map(() => 7);
  };
  lab.sim.faults.add({ match: requestsOf(list), kind: 'alter', alter: alter });
  lab.sim.clock.advance(60_000);
  const looked = lab.discover({ deep: true });
  if (list === '/cluster/resources') await expect(looked).rejects.toThrow(/no usable row/);
  else {
    const run = await looked;
    expect(run.status).toBe('completed');
    if (struck > 0) expect([...run.warnings, ...run.unseen.map(one => one.what)]).not.toEqual([]);
  }
  lab.sim.faults.clear();
  expect(await story()).toEqual([]);
});

test('what could not be read is as it was once it can be', async () => {
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  for (const type of ['vm', 'container'] as const)
    expect((await lab.store.guests(type)).rows.filter(guest => guest.unseenReason !== null)).toEqual([]);
});

// Kills: what a list is cut off before taken for gone, and a cut that nobody is told of.
test('of more than 2,000 storages the first are read: what is cut off is asked after, not gone, and the run says so', async () => {
  const before = (await lab.store.storages()).map(one => one.id).sort();
  const alter = (data: { storage: string }[]) => [...Array<unknown>(2_000).fill(data[0]), ...data];
  lab.sim.faults.add({ match: '/storage', kind: 'alter', alter: alter });
  lab.sim.faults.add({ match: /^\/nodes\/[^/]+\/storage$/, kind: 'alter', alter: alter });
  lab.sim.clock.advance(60_000);
  const run = await lab.discover({ facets: ['inventory', 'storage'] });
  lab.sim.faults.clear();
  expect(run.warnings.filter(text => text.includes('only the first 2000 of')).length).toBeGreaterThan(0);
  expect(await story()).toEqual([]);
  const stored = await lab.store.storages();
  expect(stored.map(one => one.id).sort()).toEqual(before);
  expect(stored.filter(one => one.unseenReason !== null).length).toBeGreaterThan(0);
});
