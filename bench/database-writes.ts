import { join } from 'node:path';
import { openStore } from '../src/database/index.ts';
import { commits } from '../src/database/repositories/commit.ts';
import { nodes } from '../src/database/repositories/node.ts';
import { stateSnapshots } from '../src/database/repositories/state-snapshot.ts';
import { vms } from '../src/database/repositories/vm.ts';
import type { CommitWriter } from '../src/model/store.ts';
import { clusterTime, ourTime } from '../src/model/time.ts';
import { copySchema, handWriter } from './support/by-hand.ts';
import { startChild } from './support/child.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { BEGINNING, sampleGuest, sampleNodes, sampleVersion } from './support/sample-data.ts';
import { median, minimum, timed } from './support/stats.ts';

const GUESTS = 10_000;

/** Bulk writes through the store against the same rows written by hand, and what memory large histories take. */
export const databaseWrites: Benchmark = {
  name: 'database-writes',
  title: 'Database writes',
  async run({ full }) {
    const writes = await upserts(full ? 15 : 9);
    const memory = await memoryOf(full ? 1_000_000 : 100_000);
    return {
      tables: [
        {
          title: `${GUESTS.toLocaleString('en')} guests upserted, each with a version of 1.3 KB (ms)`,
          columns: ['what', 'store median', 'least', 'by hand median', 'least', 'ratio', 'ratio of least'],
          rows: writes.map(({ what, store, hand }) => [
            what,
            median(store),
            minimum(store),
            median(hand),
            minimum(hand),
            median(store) / median(hand),
            minimum(store) / minimum(hand),
          ]),
          note: 'By hand: one prepared statement a table, run once a row in one transaction through better-sqlite3, with the same pragmas and the same indexes. The store also validates each value, renews its lease and numbers the commit.',
        },
        {
          title: 'Memory, with --max-semi-space-size=4',
          columns: ['what', 'versions', 'seconds', 'peak above idle (MB)'],
          rows: [
            ['store open and idle', 0, '', `${Math.round(memory.idleMb)} in all`],
            [
              'written, 1,000 a commit',
              memory.written,
              memory.writeSeconds,
              memory.writePeakMb - memory.idleMb,
            ],
            [
              'read by cursor in pages of 500, states parsed',
              memory.read,
              memory.readSeconds,
              memory.readPeakMb - memory.idleMb,
            ],
          ],
        },
      ],
      checks: [
        ...writes.map(({ what, store, hand }) => ({
          what: `${what}, against by hand (least of each)`,
          value: minimum(store) / minimum(hand),
          target: 3,
          unit: 'times',
        })),
        {
          what: `${memory.written.toLocaleString('en')} versions written and 1,000,000 read, above idle`,
          value: memory.readPeakMb - memory.idleMb,
          target: 100,
          unit: 'MB',
        },
      ],
    };
  },
};

async function upserts(rounds: number) {
  const { root, folder } = await stagedPackage();
  const place = await folder();
  const path = join(place, 'store.db');
  const store = await openStore({ url: `file:${path}`, packageRoot: root });
  const lease = (await store.acquireLease('bench', 3_600_000))!;
  const run = await store.startRun(['inventory']);
  const commit = (write: (writer: CommitWriter) => Promise<void>) =>
    store.commitFacet(
      lease,
      { runId: run.id, facet: 'inventory', observedAt: ourTime(BEGINNING), complete: true },
      write,
    );
  await commit(writer => writer.upsertNodes(sampleNodes()));

  const hand = copySchema(path, join(place, 'by-hand.db'));
  handWriter(hand, nodes, true)(sampleNodes());
  hand.exec("INSERT INTO discovery_runs VALUES (1, 1, 2, 'completed', '[]', 1, '{}', '[]', '[]', NULL)");
  const handGuests = handWriter(hand, vms, true);
  const handVersions = handWriter(hand, stateSnapshots, false);
  const handCommit = handWriter(hand, commits, false);
  const openCommit = () =>
    handCommit([
      {
        seq: 0,
        runId: 1,
        facet: 'inventory',
        at: clusterTime(1),
        observedAt: ourTime(1),
        complete: true,
        changes: 1,
      },
    ]);

  const ids = Array.from({ length: GUESTS }, (_, n) => 100 + n);
  const guests = ids.map(id => sampleGuest(id, 'vm'));
  const versions = ids.map(id => sampleVersion(id, 1, BEGINNING, 'vm'));
  const both = { what: 'guests with versions', store: [] as number[], hand: [] as number[] };
  const usage = { what: 'guests alone', store: [] as number[], hand: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const seq = round * 2 + 1;
    const [ours] = await timed(1, () =>
      commit(async writer => {
        await writer.upsertGuests('vm', guests);
        await writer.insertVersions(versions);
      }),
    );
    const [theirs] = await timed(1, () =>
      hand.transaction(() => {
        openCommit();
        handGuests(guests);
        handVersions(versions.map(version => ({ ...version, id: 0, seq, at: clusterTime(BEGINNING) })));
      })(),
    );
    const [oursAlone] = await timed(1, () => commit(writer => writer.upsertGuests('vm', guests)));
    const [theirsAlone] = await timed(1, () =>
      hand.transaction(() => {
        openCommit();
        handGuests(guests);
      })(),
    );
    // The first round inserts where the others update, and is compiled as it goes.
    if (round === 0) continue;
    both.store.push(ours!);
    both.hand.push(theirs!);
    usage.store.push(oursAlone!);
    usage.hand.push(theirsAlone!);
  }
  hand.close();
  await store.close();
  return [both, usage];
}

async function memoryOf(versions: number) {
  const { root, bundle, folder } = await stagedPackage();
  const child = startChild(await bundle('database-memory.ts'), { execArgv: ['--max-semi-space-size=4'] });
  const url = `file:${join(await folder(), 'store.db')}`;
  const measured = await child.ask<{
    idleMb: number;
    writePeakMb: number;
    readPeakMb: number;
    writeSeconds: number;
    readSeconds: number;
    read: number;
  }>('measure', { url, packageRoot: root, versions, reads: 1_000_000 });
  await child.stop();
  return { ...measured, written: versions };
}
