import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  type DatabaseStore,
  DuplicateError,
  ForeignKeyError,
  NotFoundError,
} from '../../../src/database/index.ts';
import type { DatedVersion, Version } from '../../../src/model/change.ts';
import type { GuestEntity } from '../../../src/model/entity.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, aVersion, startWriting, type Writing } from '../../support/database-fixtures.ts';
import { propertyRuns } from '../../support/soak.ts';

const RUNS = propertyRuns(40);
const id = fc.integer({ min: 1, max: 6 });
const nodeId = fc.constantFrom('pve1', 'pve2', 'nowhere');
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map(value => value.replaceAll('\0', '').toWellFormed());
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const bytes = maybe(fc.maxSafeNat());
const guest: fc.Arbitrary<GuestEntity> = fc
  .record({
    id,
    nodeId,
    name: maybe(text),
    status: maybe(fc.constantFrom('running', 'stopped')),
    template: fc.boolean(),
    tags: fc.array(text, { maxLength: 3 }),
    cpuUsage: maybe(fc.nat(100_000_000).map(n => n / 1_000_000)),
    memoryBytes: bytes,
    diskSize: bytes,
    uptime: maybe(fc.nat(2 ** 31 - 1)),
    startedAt: maybe(fc.nat(4_000_000_000_000)),
    haState: maybe(text),
  })
  .map(fields => aGuest(fields.id, fields));

type Operation =
  | { kind: 'create'; row: GuestEntity }
  | { kind: 'upsert'; rows: GuestEntity[] }
  | { kind: 'update'; id: number; name: string | null; memoryBytes: number | null }
  | { kind: 'deleteMany'; ids: number[] }
  | { kind: 'rolledBack'; rows: GuestEntity[] };
const operation: fc.Arbitrary<Operation> = fc.oneof(
  guest.map(row => ({ kind: 'create' as const, row })),
  fc
    .uniqueArray(guest, { maxLength: 4, selector: row => row.id })
    .map(rows => ({ kind: 'upsert' as const, rows })),
  fc.record({ kind: fc.constant('update' as const), id, name: maybe(text), memoryBytes: bytes }),
  fc.array(id, { maxLength: 3 }).map(ids => ({ kind: 'deleteMany' as const, ids })),
  fc
    .uniqueArray(guest, { maxLength: 3, selector: row => row.id })
    .map(rows => ({ kind: 'rolledBack' as const, rows })),
);

/** What the operation must do to a plain map, or the error it must be refused with. */
function model(rows: Map<number, GuestEntity>, op: Operation): (new (...args: never[]) => Error) | null {
  const orphan = (row: GuestEntity) => row.nodeId === 'nowhere';
  switch (op.kind) {
    case 'create':
      if (rows.has(op.row.id)) return DuplicateError;
      if (orphan(op.row)) return ForeignKeyError;
      rows.set(op.row.id, op.row);
      return null;
    case 'upsert':
      if (op.rows.some(orphan)) return ForeignKeyError;
      for (const row of op.rows) rows.set(row.id, row);
      return null;
    case 'update': {
      const row = rows.get(op.id);
      if (!row) return NotFoundError;
      rows.set(op.id, { ...row, name: op.name, memoryBytes: op.memoryBytes });
      return null;
    }
    case 'deleteMany':
      for (const which of op.ids) rows.delete(which);
      return null;
    case 'rolledBack':
      return Error;
  }
}

function apply(store: DatabaseStore, op: Operation): Promise<unknown> {
  const { vms } = store.repositories;
  switch (op.kind) {
    case 'create':
      return vms.create(op.row);
    case 'upsert':
      return vms.upsertMany(op.rows);
    case 'update':
      return vms.update(op.id, { name: op.name, memoryBytes: op.memoryBytes });
    case 'deleteMany':
      return vms.deleteMany(op.ids);
    case 'rolledBack':
      return store.transaction(async tx => {
        await tx.vms.upsertMany(op.rows);
        throw new Error('no');
      });
  }
}

onBothEngines('any sequence of operations', engine => {
  let store: DatabaseStore;
  let writing: Writing;
  beforeAll(async () => {
    store = await engine.open();
    await store.repositories.nodes.upsertMany([aNode('pve1'), aNode('pve2')]);
    writing = await startWriting(store);
  });

  it('leaves the rows an in-memory model has', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async operations => {
      await store.repositories.vms.deleteMany([1, 2, 3, 4, 5, 6]);
      const rows = new Map<number, GuestEntity>();
      for (const op of operations) {
        const refused = model(rows, op);
        if (refused) await expect(apply(store, op)).rejects.toThrow(refused);
        else await apply(store, op);
      }
      const expected = [...rows.values()].sort((a, b) => a.id - b.id);
      expect(await store.repositories.vms.findMany()).toEqual(expected);
      expect((await store.guests('vm')).rows).toEqual(expected);
      for (const status of ['running', 'stopped']) {
        expect((await store.guests('vm', { status })).rows).toEqual(
          expected.filter(row => row.status === status),
        );
      }
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  it('gives the history a model replays to every seq', { timeout: 120_000 }, async () => {
    const change = fc.record({
      resourceId: fc.constantFrom('a', 'b', 'c'),
      change: fc.constantFrom('created', 'updated', 'deleted'),
      state: fc.dictionary(
        text.filter(key => key !== '__proto__'),
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      ),
      type: fc.constantFrom('vm', 'storage'),
    });
    const property = fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 6 }),
      async rounds => {
        const start = (await store.lastCommit())?.seq ?? 0;
        const log: (DatedVersion & { seq: number })[] = [];
        // Each round works on resources of its own: ids hold the first seq.
        for (const round of rounds) {
          const versions = round.map(({ resourceId, ...rest }) =>
            aVersion(`${start}-${resourceId}`, rest as Partial<DatedVersion>),
          );
          const seq = await writing.commit(async writer => {
            await writer.insertVersions(versions);
            return writer.seq;
          });
          log.push(...versions.map(version => ({ ...version, seq })));
        }
        const end = (await store.lastCommit())?.seq ?? start;
        const ours = (version: { resourceId: string }) => version.resourceId.startsWith(`${start}-`);
        for (let seq = start; seq <= end; seq++) {
          const newest = new Map(
            log
              .filter(version => version.seq <= seq)
              .map(version => [`${version.type}/${version.resourceId}`, version]),
          );
          const expected = [...newest.values()].filter(version => version.change !== 'deleted');
          const found = (await store.everythingAt(seq)).filter(ours);
          const plain = (list: Pick<Version, 'type' | 'resourceId' | 'seq' | 'state'>[]) =>
            list
              .map(v => [`${v.type}/${v.resourceId}`, v.seq, v.state] as const)
              .sort(([a], [b]) => (a < b ? -1 : 1));
          expect(plain(found)).toEqual(plain(expected));
          const keys = [...newest.values()].map(({ type, resourceId }) => ({ type, id: resourceId }));
          expect(plain(await store.versionsAt(seq, keys))).toEqual(plain([...newest.values()]));
        }
        expect((await store.versions({ after: start, to: end })).map(v => v.state)).toEqual(
          log.toReversed().map(v => v.state),
        );
      },
    );
    await fc.assert(property, { numRuns: Math.ceil(RUNS / 2) });
  });
});
