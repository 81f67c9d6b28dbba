import { afterAll, beforeAll, expect, test } from 'vitest';
import { declarationResource } from '../../../resources/declaration.ts';
import type { ToolContext } from '../../../src/mcp/define/tool.ts';
import type { Answer, Tool } from '../../support/answer.ts';
import { someOf } from '../../support/given.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/** No answer is longer, whatever is declared (bytes). */
const BYTES_AT_MOST = 20_000;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ guests: 60 });
  await lab.call('declare_state', { type: 'vm', like: 'now' });
  for (let n = 0; n < 14; n++)
    await lab.call('declare_state', {
      resource: `vm/${100 + n}`,
      accept: ['memory=64', 'cores=7', 'onboot=1', 'sockets=3', 'check=ide-disk'],
      until: '2027-01-01',
      owner: 'o'.repeat(90),
      why: 'w'.repeat(400),
    });
});
afterAll(() => lab.close());

/** All pages of an answer, each within its bounds. */
async function pages<T extends Tool>(tool: T, args: object = {}): Promise<Answer<T>[]> {
  const all = [await lab.call(tool, args)];
  while (all.at(-1)!.next_cursor !== undefined)
    all.push(await lab.call(tool, { cursor: all.at(-1)!.next_cursor }));
  for (const page of all) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(BYTES_AT_MOST);
  return all;
}

test('a long declaration comes page by page, each rule and each exception once', async () => {
  const all = await pages('declare_state');
  const { rules, exceptions } = (await lab.store.declaration())!.content;
  expect(all.length).toBeGreaterThan(1);
  expect(all.flatMap(page => page.rules.map(rule => rule.id))).toEqual(rules.map(rule => rule.id));
  const shown = all.flatMap(page => page.exceptions ?? []);
  expect(new Set(shown.map(one => `${one.match} ${one.field} ${one.value}`)).size).toBe(exceptions.length);
  expect(shown).toHaveLength(exceptions.length);
});

test('a long declaration read as a resource says what it leaves out', async () => {
  const context = someOf<ToolContext>({
    ...{ store: lab.store, now: lab.sim.clock.now(), timeZone: 'UTC', declaring: { file: null } },
  });
  const text = JSON.stringify(await declarationResource.read({}, context));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(BYTES_AT_MOST);
  const told = JSON.parse(text) as {
    rules: unknown[];
    more_rules: number;
    exceptions: unknown[];
    more_exceptions: number;
  };
  const { content } = (await lab.store.declaration())!;
  expect(told.rules.length + told.more_rules).toBe(content.rules.length);
  expect(told.exceptions.length + told.more_exceptions).toBe(content.exceptions.length);
});

test('drifts and a plan of many guests come page by page, each once', async () => {
  lab.sim.clock.advance(600_000);
  for (const vmid of lab.sim.world.find({ type: 'qemu', template: false })) {
    lab.sim.world.editConfig(vmid, { description: 'x'.repeat(3_000), onboot: 1 }, { user: 'bob@pve' });
    lab.sim.world.setTags(vmid, ['zz'], { user: 'bob@pve' });
  }
  const drifts = await pages('diff_state', { from: 'declared', max_age_seconds: 0 });
  const named = drifts.flatMap(page => page.changes.map(one => one.resource));
  expect(new Set(named).size).toBe(named.length);
  expect(named).toHaveLength(drifts[0]!.total);
  const plans = await pages('plan_changes', { type: 'vm' });
  expect(plans.flatMap(page => page.steps)).toHaveLength(plans[0]!.total);
  expect(drifts.length).toBeGreaterThan(1);
  expect(plans.length).toBeGreaterThan(1);
});

test('at a past moment everything is as it was declared, whatever came since', async () => {
  const { counts, changes } = await lab.call('diff_state', { from: 'declared', to: '5m' });
  expect(changes).toEqual([]);
  expect(counts).toMatchObject({ drifted: 0, pending: 0, missing: 0 });
  expect(counts.resources).toBeGreaterThan(40);
});
