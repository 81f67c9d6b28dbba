import { afterAll, beforeAll, expect, test } from 'vitest';
import { HISTORIC } from '../../../src/app/seed.ts';
import { createSimulator, type Simulator, type TruthState } from '../../../src/simulator/index.ts';
import { type MonthLook, runMonth } from '../../../src/simulator/month.ts';
import { day } from '../../../src/simulator/timing.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { overcounted } from '../../support/random-life.ts';
import { times } from '../../support/soak.ts';

/** Until a storage and a node have failed and come back; the whole month in the soak. */
const DAYS = times(13, 30);
const WEEK_MS = 7 * day;
/** As large as the cluster that `db seed` plays. */
const CLUSTER = { guests: 60, now: Date.UTC(2026, 9, 20, 6) };

let lab: Lab;
/** What was true at each look, and the newest commit then. */
const moments: { seq: number; truth: TruthState }[] = [];
beforeAll(async () => {
  lab = await startLab(CLUSTER);
  const look = () => lab.discover({ facets: [...HISTORIC] });
  await look();
  const onLook = async () => {
    await look();
    moments.push({ seq: (await lab.store.lastCommit())!.seq, truth: lab.sim.truth.state() });
  };
  await runMonth(lab.sim, { days: DAYS, onLook });
});
afterAll(() => lab.close());

test('every moment of the month is recorded as it was, and nothing is invented', async () => {
  const problems: string[] = [];
  for (const moment of moments)
    for (const difference of await differencesFromTruth(lab.store, lab.sim, moment))
      problems.push(`${new Date(moment.truth.at).toISOString()} ${difference}`);
  expect(problems).toEqual([]);
  expect(moments.length).toBeGreaterThan(DAYS * 3 - 1);
  const versions = await lab.store.versions({});
  const { events } = lab.sim.truth;
  expect(
    inventedChanges(
      versions.filter(version => version.at > CLUSTER.now),
      events,
    ),
  ).toEqual([]);
  expect(overcounted(versions, events)).toEqual([]);
  expect(await brokenChains(lab.store)).toEqual([]);
  expect(versions[0]!.at - versions.at(-1)!.at).toBeGreaterThan((DAYS - 1) * day);
});

test('every week has work of several people, each by the task that did it', async () => {
  for (let from = CLUSTER.now; from + WEEK_MS <= CLUSTER.now + DAYS * day; from += WEEK_MS) {
    const done = await changesBetween(from, from + WEEK_MS);
    const users = new Set(done.flatMap(({ causes }) => causes?.map(cause => cause.user) ?? []));
    expect([...users]).toEqual(expect.arrayContaining(['alice@pve', 'bob@pve', 'carol@pve']));
    const told = new Set(done.flatMap(row => row.causes?.map(({ upid }) => `${row.resource} ${upid}`) ?? []));
    /** What happened to a guest in the look that saw it come or go stands in no row of its own. */
    const swallowed = (resource: string, at: number) =>
      done.some(
        row =>
          row.resource === resource &&
          ['created', 'deleted'].includes(row.change) &&
          Date.parse(row.window.after) <= at &&
          at <= Date.parse(row.window.before),
      );
    const real = lab.sim.truth.events.filter(
      ({ at, task, change, resource }) =>
        task &&
        at > from &&
        at <= from + WEEK_MS &&
        (change === 'created' || change === 'deleted' || !swallowed(resource, at)),
    );
    expect(real.length).toBeGreaterThan(5);
    expect(real.map(({ resource, task }) => `${resource} ${task}`).filter(one => !told.has(one))).toEqual([]);
  }
});

test('the cluster is whole at the end, and fit for a day after it', () => {
  const { nodes, storages } = lab.sim.truth.state();
  expect(Object.values(nodes).every(({ status }) => status === 'online')).toBe(true);
  expect(storages['storage/nas']).toMatchObject({ enabled: true, unreachable: [] });
  expect(lab.sim.world.find({ status: 'stopped', template: false }).length).toBeGreaterThan(5);
  expect(lab.sim.world.find({ status: 'running' }).length).toBeGreaterThan(20);
});

test('a seed tells one story, another seed another', async () => {
  const [again, other] = [await storyOf(1), await storyOf(2)];
  expect(again.events).toEqual(lab.sim.truth.events);
  expect(other.told).not.toEqual(again.told);
  expect(again.told.flatMap(look => look.happened).length).toBeGreaterThan(3 * DAYS);
});

interface Row {
  resource: string;
  change: string;
  window: { after: string; before: string };
  causes: { user: string; upid?: string }[] | null;
}

async function changesBetween(from: number, to: number): Promise<Row[]> {
  const rows: Row[] = [];
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: 200 };
  for (let cursor: string | undefined; ; ) {
    const page = await lab.call('show_history', { ...range, cursor });
    rows.push(...page.history);
    cursor = page.next_cursor;
    if (cursor === undefined) return rows;
  }
}

async function storyOf(seed: number): Promise<{ told: MonthLook[]; events: Simulator['truth']['events'] }> {
  const sim = await createSimulator(CLUSTER);
  const told: MonthLook[] = [];
  await runMonth(sim, { days: DAYS, seed, onLook: look => void told.push(look) });
  return { told, events: sim.truth.events };
}
