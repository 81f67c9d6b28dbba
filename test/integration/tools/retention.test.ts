import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneStore } from '../../../src/database/maintenance/index.ts';
import { type Lab, startLab } from '../../support/lab.ts';

const HOUR = 3_600_000;
let lab: Lab;
let starts: string;
let quiet: number;
let busy: number;
let early: string;
let earlyRun: number;
let kept: string;

beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 12 });
  [quiet, busy] = lab.sim.world.find({ type: 'qemu', template: false }) as [number, number];
  lab.sim.clock.advance(HOUR);
  lab.sim.world.setTags(busy, ['first']);
  earlyRun = (await lab.discover()).id;
  early = iso(lab.sim.clock.now() + 60_000);
  lab.sim.clock.advance(HOUR);
  lab.sim.world.setTags(busy, ['second']);
  await lab.discover();
  lab.sim.clock.advance(HOUR);
  await pruneStore(lab.store, lab.sim.clock.now());
  lab.sim.world.setTags(busy, ['third']);
  await lab.discover();
  kept = iso(lab.sim.clock.now() + 60_000);
  lab.sim.clock.advance(HOUR);
  lab.sim.world.setTags(busy, ['fourth']);
  await lab.discover();
  starts = (await lab.call('diff_state', { from: kept })).history_starts_at;
});
afterEach(() => lab.close());

const iso = (at: number) => new Date(at).toISOString();

// Kills: the few guests whose last change is older than the cut, shown as all there were.
test.each([
  'list_vms',
  'list_containers',
])('%s before what is kept shows no part of the world as the whole', async tool => {
  for (const at of [early, `run:${earlyRun}`, '30d', '1970-01-01']) {
    const answer = await lab.call(tool, { at }).catch((error: Error) => error.message);
    if (typeof answer === 'string') expect(answer).toContain('no run');
    else {
      expect(answer).toMatchObject({ total: 0, history_starts_at: starts });
      expect(answer.hint).toContain('before history starts');
    }
  }
  const now = await lab.call(tool, { at: kept });
  expect(now.total).toBe((await lab.call(tool)).total);
  expect(now.history_starts_at).toBeUndefined();
});

test('one resource is shown where it is known for sure, and else said to be unknown, not absent', async () => {
  const sure = await lab.call('get_resource', { resource: `vm/${quiet}`, at: early });
  expect(sure.resource).toMatchObject({ history_starts_at: starts });
  expect(sure.hint).toContain('History starts later');
  const error = await lab.call('get_resource', { resource: `vm/${busy}`, at: early }).catch(String);
  expect(error).toContain('not known at that moment: history starts later');
  expect(error).not.toContain('first seen');
});

test('a time of which nothing is kept is not one in which nothing changed', async () => {
  const both = await lab.call('diff_state', { from: early, to: early });
  expect(both).toMatchObject({ total: 0, history_starts_at: starts });
  expect(both.hint).not.toContain('Nothing changed');
  expect(both.hint).toContain('before history starts');
  const across = await lab.call('diff_state', { from: early, resource: `vm/${busy}` });
  expect(across.hint).toContain('History starts later than you asked');
  // From the beginning of what is kept on, everything is told: the first run that is left made changes, too.
  expect(JSON.stringify(across.changes[0]!.fields)).toContain('second');
  const before = await lab.call('show_history', { until: early });
  expect(before.history_starts_at).toBe(starts);
  expect(before.hint).toContain('before history starts');
  const tasks = await lab.call('list_tasks', { until: early });
  expect(tasks.history_starts_at).toBe(starts);
});
