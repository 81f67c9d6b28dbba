import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { type Comparison, netDifference } from '../../../src/answers/changes/net-difference.ts';
import { changeRows } from '../../../src/answers/changes/rows.ts';
import type { DatabaseStore } from '../../../src/database/index.ts';
import { concernsNode, type NetChange } from '../../../src/history/net-changes.ts';
import type { DatedVersion, FieldChange } from '../../../src/model/change.ts';
import { clusterTime, ourTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aNode, aTask, aVersion, startWriting, type Writing } from '../../support/database-fixtures.ts';
import { propertyRuns } from '../../support/soak.ts';

const RUNS = propertyRuns(20);
const PATHS = ['status', 'node', 'config.cores', 'pool'] as const;
const RESOURCES = ['a', 'b', 'd'] as const;

/** What may happen to a resource: a change of some fields, something learned, something learned beside a change, an end. */
const event = fc.record({
  resource: fc.constantFrom(...RESOURCES),
  kind: fc.constantFrom(...Array<'update'>(7).fill('update'), 'learn', 'end', 'replace'),
  values: fc.uniqueArray(fc.tuple(fc.constantFrom(...PATHS), fc.nat(1)), {
    minLength: 1,
    maxLength: 2,
    selector: ([path]) => path,
  }),
  learned: fc.tuple(fc.constantFrom(...PATHS), fc.nat(1)),
  begins: fc.constantFrom('created', 'discovered'),
  sinceHours: fc.nat(3),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 0, 1);
interface Life {
  incarnation: number;
  alive: boolean;
  values: Map<string, number>;
}

/** Versions as discovery writes them: every life begins with its first one, fields tell the values before and after. */
function play(lives: Map<string, Life>, prefix: string, at: number, happened: Event): DatedVersion[] {
  const { resource, kind, values, learned, begins, sinceHours } = happened;
  const life = lives.get(resource) ?? { incarnation: 0, alive: false, values: new Map<string, number>() };
  lives.set(resource, life);
  const type = resource === 'd' ? 'storage' : 'vm';
  const version = (facts: Partial<DatedVersion>) =>
    aVersion(`${prefix}${resource}`, {
      type,
      incarnation: life.incarnation,
      node: `pve${life.values.get('node') ?? 0}`,
      fields: [],
      windowAfter: ourTime(at - (1 + sinceHours) * HOUR),
      windowBefore: ourTime(at),
      ...facts,
    });
  const begin = (change: 'created' | 'discovered') => {
    Object.assign(life, { incarnation: life.incarnation + 1, alive: true, values: new Map() });
    return version({ change, ...(change === 'discovered' && { windowAfter: null }) });
  };
  if (!life.alive) return [begin(begins)];
  if (kind === 'end' || kind === 'replace') {
    life.alive = false;
    const end = version({ change: 'deleted' });
    return kind === 'end' ? [end] : [end, begin('created')];
  }
  // Learned values leave no field behind: the next change of that path starts from them.
  if (kind === 'learn') {
    life.values.set(...learned);
    return [version({ change: 'discovered' })];
  }
  const fields = values.flatMap(([path, to]): FieldChange[] => {
    const from = life.values.get(path) ?? 0;
    life.values.set(path, to);
    if (from === to) return [];
    const show = (value: number) => (path === 'node' ? `pve${value}` : value);
    return [{ path, from: show(from), to: show(to) }];
  });
  return fields.length === 0 ? [] : [version({ change: 'updated', fields })];
}

onBothEngines('a net difference', engine => {
  let store: DatabaseStore;
  let writing: Writing;
  beforeAll(async () => {
    store = await engine.open();
    await store.repositories.nodes.upsertMany([aNode('pve1')]);
    writing = await startWriting(store);
  });

  const read = async (comparison: Comparison, order: 'asc' | 'desc', foldedAtMost: number) => {
    const { total, page } = await netDifference(store, comparison, { order, foldedAtMost });
    const pages = [];
    for (let offset = 0; offset < total; offset += 2) pages.push(await page(offset, 2));
    const changes = pages.flat();
    return { total, changes, rows: await changeRows(changes, { store, timeZone: 'UTC' }) };
  };

  it('is the same whether each step is folded or the ends decide', { timeout: 120_000 }, async () => {
    let round = 0;
    let decided = 0;
    const property = fc.asyncProperty(
      fc.array(fc.array(event, { maxLength: 4, size: 'max' }), { minLength: 2, maxLength: 14, size: 'max' }),
      fc.tuple(fc.nat(5), fc.nat(14)),
      fc.constantFrom(undefined, 'vm', 'storage'),
      fc.constantFrom(undefined, undefined, 'pve1'),
      fc.constantFrom(undefined, undefined, 'a'),
      fc.constantFrom('asc', 'desc'),
      async (commits, [one, other], type, node, only, order) => {
        const prefix = `${round++}-`;
        const lives = new Map<string, Life>();
        const start = (await store.lastCommit())?.seq ?? 0;
        for (const [n, events] of commits.entries()) {
          const at = T0 + n * HOUR;
          const versions = events.flatMap(happened => play(lives, prefix, at, happened));
          await writing.commit(async writer => {
            await writer.insertVersions(versions);
            if (n % 3 === 0)
              await writer.upsertTasks([
                aTask(round * 100 + n, {
                  resourceId: `${prefix}a`,
                  startTime: clusterTime(at - 1000),
                  endTime: clusterTime(at),
                }),
              ]);
          });
        }
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        // Every third comparison reaches back to where nothing was known at all.
        const after = round % 3 === 0 ? start : start + Math.min(from, commits.length);
        const resource = only && ({ type: 'vm', id: `${prefix}${only}` } as const);
        const comparison: Comparison = { after, to: start + to, resource, type, node };
        const folded = await read(comparison, order, Number.MAX_SAFE_INTEGER);
        const judged = await read(comparison, order, -1);
        expect(judged).toEqual(folded);
        expect(judged.rows).toHaveLength(judged.total);
        // In the order of what happened, and of one node just what concerns it.
        const all = await read({ ...comparison, node: undefined }, 'asc', Number.MAX_SAFE_INTEGER);
        const ids = (all.changes as NetChange[]).map(change => change.versionId);
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        const wanted = (all.changes as NetChange[]).filter(
          change => node === undefined || concernsNode(change, node),
        );
        expect(folded.changes).toEqual(order === 'asc' ? wanted : wanted.toReversed());
        decided += judged.total;
      },
    );
    await fc.assert(property, { numRuns: RUNS * 2 });
    expect(decided).toBeGreaterThan(RUNS);
  });

  it('leaves out how a kind of resource came into sight, whichever way', async () => {
    store = await engine.open();
    await store.repositories.nodes.upsertMany([aNode('pve1')]);
    writing = await startWriting(store);
    const found: Partial<DatedVersion> = { change: 'discovered', fields: [], windowAfter: null };
    const content = [{ path: 'content', from: ['iso'], to: ['iso', 'images'] }];
    const commits: DatedVersion[][] = [
      [aVersion(101, found)],
      [aVersion('local', { ...found, type: 'storage' }), aVersion('nfs', { ...found, type: 'storage' })],
      [
        aVersion('nfs', { type: 'storage', fields: content }),
        aVersion('late', { ...found, type: 'storage' }),
        aVersion(200, { ...found, type: 'container', change: 'created' }),
      ],
      [aVersion(101, { fields: [{ path: 'status', from: 'running', to: 'stopped' }] })],
    ];
    for (const versions of commits) await writing.commit(writer => writer.insertVersions(versions));
    for (const foldedAtMost of [-1, Number.MAX_SAFE_INTEGER]) {
      const { rows, total } = await read({ after: 1, to: 4, node: undefined }, 'asc', foldedAtMost);
      expect(total).toBe(4);
      expect(rows.map(row => `${row['resource']} ${row['change']}`)).toEqual([
        'storage/nfs updated',
        'storage/late discovered',
        'container/200 created',
        'vm/101 updated',
      ]);
    }
  });
});
