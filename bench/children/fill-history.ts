import { stat } from 'node:fs/promises';
import { type DatabaseStore, openStore } from '../../src/database/index.ts';
import { withConnection } from '../../src/database/postgresql/connection.ts';
import type { Version } from '../../src/model/change.ts';
import type { CommitEntity, TaskEntity } from '../../src/model/entity.ts';
import { clusterTime, ourTime } from '../../src/model/time.ts';
import { serveTasks } from '../support/child.ts';
import {
  BEGINNING,
  nodeOf,
  sampleGuest,
  sampleNodes,
  sampleVersion,
  typeOf,
} from '../support/sample-data.ts';

const HOUR = 3_600_000;
const DAYS = 730;
const FIRST_ID = 100;
const LAST_DAY_CHANGES = 500;
const BATCH = 4_000;

export interface Filled {
  commits: number;
  /** Bytes of the store with the first sight of every resource, and with all changes. */
  bytesBefore: number;
  bytesAfter: number;
  tasks: number;
  end: number;
  seconds: number;
}

/** A history of two years: hourly commits, changes spread evenly, 500 of them on the last day, a task for every fifth. */
async function fill(store: DatabaseStore, versions: number, resources: number, size: () => Promise<number>) {
  const { repositories } = store;
  const ids = Array.from({ length: resources }, (_, n) => FIRST_ID + n);
  await repositories.nodes.upsertMany(sampleNodes());
  for (const type of ['vm', 'container'] as const) {
    const guests = ids.filter(id => typeOf(id) === type).map(id => sampleGuest(id));
    await (type === 'vm' ? repositories.vms : repositories.containers).upsertMany(guests);
  }
  for (let day = 0; day <= DAYS; day++) {
    await repositories.discoveryRuns.create({
      startedAt: BEGINNING + day * 24 * HOUR,
      finishedAt: BEGINNING + day * 24 * HOUR + 1000,
      status: 'completed',
      facets: ['inventory', 'config', 'tasks', 'storage', 'details'],
      apiCalls: 2,
      counts: { discovered: 0, created: 0, updated: 0, deleted: 0, unchanged: resources },
      unseen: [],
      warnings: [],
      error: null,
    });
  }
  const commit = (seq: number, hour: number, runId: number): CommitEntity => ({
    seq,
    runId,
    facet: hour % 2 === 0 ? 'inventory' : 'config',
    at: clusterTime(BEGINNING + hour * HOUR),
    observedAt: ourTime(BEGINNING + hour * HOUR),
    complete: true,
    changes: 1,
  });
  const numbered = (id: number, revision: number, seq: number, at: number): Version => ({
    ...sampleVersion(id, revision, at),
    id: 0,
    seq,
    at: clusterTime(at),
  });
  await repositories.commits.upsertMany([commit(1, 0, 1)]);
  await inBatches(ids, rows =>
    repositories.stateSnapshots.upsertMany(rows.map(id => numbered(id, 0, 1, BEGINNING))),
  );
  const bytesBefore = await size();

  const hours = DAYS * 24;
  await inBatches(
    Array.from({ length: hours }, (_, n) => commit(n + 2, n + 1, 2 + Math.floor(n / 24))),
    rows => repositories.commits.upsertMany(rows),
  );
  const changes = versions - resources;
  const early = changes - LAST_DAY_CHANGES;
  const revisions = new Map<number, number>();
  const change = (n: number) => {
    const last = n >= early;
    const hour = last
      ? hours - 23 + Math.floor(((n - early) * 23) / LAST_DAY_CHANGES)
      : 1 + Math.floor((n * (hours - 24)) / early);
    // A step prime to the number of resources visits each of them as often.
    const id = FIRST_ID + ((n * 7_919) % resources);
    const revision = (revisions.get(id) ?? 0) + 1;
    revisions.set(id, revision);
    return { id, revision, seq: hour + 1, at: BEGINNING + hour * HOUR };
  };
  let tasks = 0;
  for (let done = 0; done < changes; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, changes - done) }, (_, n) => change(done + n));
    await repositories.stateSnapshots.upsertMany(
      batch.map(({ id, revision, seq, at }) => numbered(id, revision, seq, at)),
    );
    const caused = batch.filter((_, n) => n % 5 === 0).map(one => taskOf(one, tasks++));
    await repositories.tasks.upsertMany(caused);
  }
  return { commits: hours + 1, bytesBefore, tasks, end: BEGINNING + hours * HOUR + 60_000 };
}

function taskOf({ id, at }: { id: number; at: number }, n: number): TaskEntity {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  const type = typeOf(id) === 'vm' ? 'qmconfig' : 'vzconfig';
  return {
    upid: `UPID:${nodeOf(id)}:${hex(n)}:${hex(n)}:${hex(Math.floor(at / 1000))}:${type}:${id}:root@pam:`,
    nodeId: nodeOf(id),
    type,
    status: 'ok',
    resourceType: typeOf(id),
    resourceId: String(id),
    user: 'root@pam',
    tokenId: null,
    startTime: clusterTime(at - 600_000),
    endTime: clusterTime(at - 599_000),
    exitStatus: 'OK',
    logEntries: null,
  };
}

async function inBatches<T>(rows: T[], write: (rows: T[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) await write(rows.slice(start, start + BATCH));
}

async function sizeOf(url: string): Promise<number> {
  if (url.startsWith('file:')) {
    const path = url.slice('file:'.length);
    const log = await stat(`${path}-wal`).catch(() => ({ size: 0 }));
    return (await stat(path)).size + log.size;
  }
  return withConnection(url, async connection => {
    await connection.query('CHECKPOINT');
    const { rows } = await connection.query('SELECT pg_database_size(current_database()) AS size');
    return Number(rows[0].size);
  });
}

serveTasks({
  fill: async (options: {
    url: string;
    packageRoot: string;
    versions: number;
    resources: number;
  }): Promise<Filled> => {
    const started = performance.now();
    const open = () => openStore({ url: options.url, packageRoot: options.packageRoot, autoMigrate: true });
    const store = await open();
    const filled = await fill(store, options.versions, options.resources, () => sizeOf(options.url));
    await store.close();
    // Two years of history have been vacuumed long since; here autovacuum has had no time for it.
    if (!options.url.startsWith('file:'))
      await withConnection(options.url, connection => connection.query('VACUUM ANALYZE'));
    return {
      ...filled,
      bytesAfter: await sizeOf(options.url),
      seconds: (performance.now() - started) / 1000,
    };
  },
});
