import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonText } from '../../../src/model/reason-text.ts';
import { unseenText } from '../../../src/model/unseen-text.ts';
import { startPostgres } from '../../support/database-postgres.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { declaredFields, type Field, fits, ODD_VALUES, requestsOf, spoil } from '../../support/odd-values.ts';
import { propertyRuns, SOAK, times } from '../../support/soak.ts';
import { startStory, storyOf } from '../../support/story.ts';

const FIELDS = declaredFields();
/** Fields of one endpoint that are odd at the same time, in different rows: one alone in the soak. */
const AT_ONCE = times(8, 1);
let lab: Lab;
let story: () => Promise<string[]>;
beforeAll(async () => {
  ({ lab, story } = await startStory({ guests: 14 }));
});
afterAll(() => lab.close());

interface Oddity {
  field: Field;
  value: unknown;
  pick: number;
}

/** Answers with these values until called off; tells of each what the row is called, once it was sent. */
function plant(at: Lab, oddities: Oddity[]): Map<Oddity, string[]> {
  const sent = new Map<Oddity, string[]>();
  const byEndpoint = Map.groupBy(oddities, one => one.field.endpoint);
  for (const [endpoint, some] of byEndpoint) {
    at.sim.faults.add({
      match: requestsOf(endpoint),
      kind: 'alter',
      alter: (data: unknown) => {
        for (const one of some) {
          if (sent.has(one) && !one.field.isList) continue;
          const names = spoil(data, one.field, one.value, one.pick);
          if (names !== undefined) sent.set(one, names);
        }
      },
    });
  }
  return sent;
}

/** A look at odd answers and one at proper ones: neither changes anything, and what was odd is named. */
async function lookTwice(oddities: Oddity[]): Promise<number> {
  const what = oddities.map(one => `${one.field.endpoint} ${one.field.path.join('.')} = ${show(one.value)}`);
  const guests = await countGuests(lab);
  const sent = plant(lab, oddities);
  const run = await lab.discover({ deep: true });
  lab.sim.faults.clear();
  expect(run.status).toBe('completed');
  expect(await story(), what.join('\n')).toEqual([]);
  expect(await countGuests(lab)).toBe(guests);
  const told = [
    ...run.warnings,
    ...run.unseen.map(one => `${unseenText(one.what)}: ${reasonText(one.reason)}`),
  ];
  for (const [{ field, value }, names] of sent) {
    const name = field.path.findLast(part => !/^[[{]/.test(part)) ?? '';
    if (field.required && !field.isList) continue;
    const warning = told.find(
      line => line.includes(field.endpoint.split('{')[0]!) && line.includes(name) && /expected/.test(line),
    );
    expect(
      warning,
      `${field.endpoint} ${field.path.join('.')} = ${show(value)}: ${told.join('\n')}`,
    ).toBeDefined();
    if (names.length > 0 && field.endpoint === '/cluster/resources') {
      expect(
        names.some(one => warning!.includes(one)),
        `${names} in ${warning}`,
      ).toBe(true);
    }
  }
  lab.sim.clock.advance(1_000);
  await lab.discover({ deep: true });
  expect(await story(), `afterwards: ${what.join('\n')}`).toEqual([]);
  return sent.size;
}

async function countGuests({ store }: Lab): Promise<number> {
  const rows = await Promise.all([store.guests('vm'), store.guests('container')]);
  return rows.reduce((sum, { total }) => sum + total, 0);
}

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 40);

describe('a value that does not fit', () => {
  test('is declared for every endpoint', () => {
    expect(FIELDS.length).toBeGreaterThan(100);
  });

  // One field of every endpoint at once, and so each of them in turn: with one of the values, with all in the soak.
  const longest = Math.max(
    ...Map.groupBy(FIELDS, one => one.endpoint)
      .values()
      .map(some => some.length),
  );
  const values: [string, unknown][] = [
    ['an object', { object: 1 }],
    ['null', null],
    ['a negative number', -3.2],
    ['a long text', 'x'.repeat(70_000)],
  ];
  test.each(
    values.map(([name, value], at) => ({ name, value, at })),
  )('costs nothing but itself: $name', async ({ value, at: first }) => {
    let sent = 0;
    for (let turn = SOAK ? 0 : first; turn < longest; turn += times(values.length, 1)) {
      const fields = [...Map.groupBy(FIELDS, one => one.endpoint).values()].flatMap(some => some[turn] ?? []);
      sent += await lookTwice(
        fields.filter(field => !fits(field, value)).map((field, at) => ({ field, value, pick: turn + at })),
      );
    }
    expect(sent).toBeGreaterThan(times(10, 40));
  }, 600_000);

  test('whatever it is and wherever it stands', async () => {
    const oddity = fc.record({
      field: fc.constantFrom(...FIELDS),
      value: fc.constantFrom(...ODD_VALUES),
      pick: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(oddity, { minLength: 1, maxLength: 6 }), async drawn => {
        await lookTwice(drawn.filter(one => !fits(one.field, one.value)));
      }),
      { numRuns: propertyRuns(8) },
    );
  }, 600_000);
});

// Until a fact has been read once nothing is known of it: reading it then is knowledge gained.
test('a value that does not fit at first sight is no change once it does', async () => {
  const groups = [...Map.groupBy(FIELDS, one => one.endpoint).values()];
  const longest = Math.max(...groups.map(some => some.length));
  for (let turn = 0; turn < longest; turn += AT_ONCE) {
    const oddities = groups
      .flatMap(some => some.slice(turn, turn + AT_ONCE))
      .map((field, at): Oddity => ({ field, value: { object: 1 }, pick: turn + at }))
      .filter(one => !fits(one.field, one.value));
    if (oddities.length === 0) continue;
    const fresh = await startLab({ guests: 10 });
    try {
      const told = storyOf(fresh);
      plant(fresh, oddities);
      expect((await fresh.discover({ deep: true })).status).toBe('completed');
      fresh.sim.faults.clear();
      const what = oddities.map(one => `${one.field.endpoint} ${one.field.path.join('.')}`).join('\n');
      // A guest of which nobody knows where it is has to wait.
      const nowhere = (await fresh.store.lastRun())!.unseen.filter(one => one.reason.code === 'row-unread');
      const { guests } = fresh.sim.truth.state();
      expect((await countGuests(fresh)) + nowhere.length, what).toBe(Object.keys(guests).length);
      await told();
      fresh.sim.clock.advance(1_000);
      await fresh.discover({ deep: true });
      const changes = (await told()).filter(line => !/ discovered$/.test(line));
      expect(changes, what).toEqual([]);
    } finally {
      await fresh.close();
    }
  }
}, 600_000);

// Asked only where something moved, so that the change itself has to be told all the same, and nothing besides.
test('a change is told where a guest that moved tells something odd of itself, and nothing else is', async () => {
  const asked = /^\/nodes\/\{node\}\/(?:qemu|lxc)\/\{vmid\}\/status\/current$/;
  const { guests } = lab.sim.truth.state();
  const { vmid, type } = Object.values(guests).find(one => one.status === 'running' && one.ha === null)!;
  const kind = type === 'qemu' ? 'vm' : 'container';
  const fields = FIELDS.filter(one => asked.test(one.endpoint) && one.endpoint.includes(`/${type}/`));
  expect(fields.length).toBeGreaterThan(3);
  for (const [at, field] of fields.entries()) {
    lab.sim.world.rename(vmid, `renamed-${at}`);
    plant(lab, [{ field, value: { object: 1 }, pick: 0 }]);
    lab.sim.clock.advance(20_000);
    await lab.discover({ deep: true });
    lab.sim.faults.clear();
    lab.sim.clock.advance(20_000);
    await lab.discover({ deep: true });
    const told = await story();
    expect(told, field.path.join('.')).toEqual([
      expect.stringMatching(new RegExp(`^${kind}/${vmid} updated \\| name .* -> renamed-${at}$`)),
    ]);
  }
}, 600_000);

test('a store on PostgreSQL takes no harm from texts beyond its columns', async () => {
  const server = await startPostgres();
  const shared = await startLab({ guests: 8, databaseUrl: await server.createStore() });
  try {
    const told = storyOf(shared);
    await shared.discover({ deep: true });
    await told();
    const texts = FIELDS.filter(one => one.leaf?.kind === 'text');
    for (const value of ['z'.repeat(70_000), 'a\u0000b', '\ud800']) {
      // Those that can be kept once cleaned are another text, and so a change.
      const unfit = texts.filter(one => value.length > 100 && !fits(one, value));
      const identities = texts.filter(one => /\b(?:tags|comment|cpu)$/.test(one.path.join('.')));
      const fields = unfit.length > 0 ? unfit : identities;
      plant(
        shared,
        fields.map((field, pick) => ({ field, value, pick })),
      );
      expect((await shared.discover({ deep: true })).status).toBe('completed');
      if (unfit.length > 0) expect(await told()).toEqual([]);
      shared.sim.faults.clear();
    }
  } finally {
    await shared.close();
    await server.stop();
  }
}, 300_000);

const isClusterName = ({ endpoint, path }: Field) => endpoint === '/cluster/status' && path[0] === 'name';

/** The largest of everything that the edge lets pass. */
const EXTREMES: readonly unknown[] = [
  ...[0, 999_999_999, 1_000_000_000, 2 ** 31 - 1, 253_402_300_799, Number.MAX_SAFE_INTEGER],
  ...[100, 200, 10_000, 65_536].map(length => 'a'.repeat(length)),
  `creation-qemu=10,ctime=${'9'.repeat(20_000)}`,
];

test('whatever passes the edge, the store can keep', async () => {
  const large = await startLab({ discovered: true, guests: 10 });
  try {
    const groups = [...Map.groupBy(FIELDS, one => one.endpoint).values()];
    const longest = Math.max(...groups.map(some => some.length));
    const atOnce = times(24, 1);
    for (let turn = 0; turn < longest; turn += atOnce) {
      for (const value of EXTREMES) {
        const oddities = groups
          .flatMap(some => some.slice(turn, turn + atOnce))
          // Another name or certificate is another cluster.
          .filter(field => field.leaf !== null && fits(field, value) && !isClusterName(field))
          .map((field, at): Oddity => ({ field, value, pick: turn + at }));
        if (oddities.length === 0) continue;
        plant(large, oddities);
        // A key of every guest in turn, so also the names.
        const run = await large.discover({ deep: true });
        large.sim.faults.clear();
        const what = oddities.map(
          one => `${one.field.endpoint} ${one.field.path.join('.')} = ${show(value)}`,
        );
        expect(run, what.join('\n')).toMatchObject({ status: 'completed', error: null });
        expect(
          run.warnings.filter(line =>
            /^(?:inventory|config|tasks|storage|details|backups|addresses): /.test(line),
          ),
          what.join('\n'),
        ).toEqual([]);
      }
    }
    // Values of the keys that have columns of their own: all of them at once, one alone in the soak.
    const columns = ['name', 'hostname', 'tags', 'meta', 'smbios1', 'vmgenid', 'description', 'parent'];
    for (const keys of SOAK ? columns.map(key => [key]) : [columns]) {
      for (const value of EXTREMES) {
        large.sim.faults.add({
          match: /\/pending$/,
          kind: 'alter',
          alter: (rows: { key: string; value?: unknown }[]) => [
            ...rows.filter(row => !keys.includes(row.key)),
            ...keys.map(key => ({ key, value })),
          ],
        });
        const run = await large.discover({ facets: ['config'], deep: true });
        large.sim.faults.clear();
        expect(
          run.warnings.filter(line => /^config: /.test(line)),
          `${keys} = ${show(value)}`,
        ).toEqual([]);
      }
    }
  } finally {
    await large.close();
  }
}, 600_000);
