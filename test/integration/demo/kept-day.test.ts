import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemoDay } from '../../../scripts/demo-day.ts';
import { simulate } from '../../../src/app/demo/day.ts';
import { openDay } from '../../../src/app/demo.ts';
import { readConfig } from '../../../src/config.ts';
import { openStore } from '../../../src/database/index.ts';
import { createDiscovery } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { FACETS } from '../../../src/model/facet.ts';
import { createProxmoxClient } from '../../../src/proxmox/index.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../../support/compare-truth.ts';
import { ROOT } from '../../support/program.ts';
import { SOAK } from '../../support/soak.ts';

/** How much of the day is played: what tells times from other numbers is the same for all of it. */
const UNTIL = SOAK ? '23:59' : '07:10';
const DAY = 86_400_000;
const LATER = 97 * DAY + 5 * 3_600_000 + 13 * 60_000;

/**
 * What no two recordings of one day share: what the process, its keys and its real time made, what only time decides, and the
 * numbers of one commit's rows, which come in whatever order their nodes answered.
 */
const ITS_OWN =
  /nextRunAt$|^(?:_prisma_migrations|lease|notes|cluster\.root_fingerprint|.*\.(?:cpu_usage|memory_usage|used_bytes|available_bytes)|tasks\.(?:created|updated)_at|state_snapshots\.id$)|\/(?:load|usedBytes|expiresAt|fingerprint|lastSyncAt)\b/;

let folder: string;
let earlier: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-kept-'));
  earlier = join(folder, 'earlier.br');
  await makeDemoDay(ROOT, earlier, { endsAt: Date.now() - LATER, until: UNTIL });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a day that was kept is, value by value, the day played at another time', async () => {
  const played = join(folder, 'played.br');
  await makeDemoDay(ROOT, played, { endsAt: Date.now(), until: UNTIL });
  const open = async (kept: string, name: string) => {
    const { simulator } = await simulate(readConfig({ flags: {}, env: {} }), Date.now());
    await openDay(simulator, kept, join(folder, name), UNTIL);
    await simulator.stop();
    return valuesOf(join(folder, name));
  };
  const [moved, real] = [await open(earlier, 'moved.db'), await open(played, 'real.db')];
  expect(real.size).toBeGreaterThan(3_000);
  expect([...moved].filter(([place, value]) => real.get(place) !== value)).toEqual([]);
  expect([...real.keys()].filter(place => !moved.has(place))).toEqual([]);
});

test('what an opened day tells of the cluster is true, and the next look changes nothing', async () => {
  const { simulator, connection } = await simulate(readConfig({ flags: {}, env: {} }), Date.now());
  const path = join(folder, 'opened.db');
  await openDay(simulator, earlier, path, UNTIL);
  const now = () => simulator.clock.now();
  const store = await openStore({ url: `file:${path}`, packageRoot: ROOT, backupFolder: folder, now });
  const client = createProxmoxClient({ ...connection, log: noLog, now });
  const discovery = createDiscovery({ store, client, log: noLog, configMaxAgeMs: 300_000, now });
  try {
    expect(await differencesFromTruth(store, simulator)).toEqual([]);
    expect(await brokenChains(store)).toEqual([]);
    expect(inventedChanges(await store.versions({}), simulator.truth.events)).toEqual([]);
    const run = await discovery.discover({ facets: new Set(FACETS), deep: true, guests: new Set() });
    expect(run.counts).toMatchObject({ discovered: 0, created: 0, updated: 0, deleted: 0 });
    expect(simulator.requests.count()).toBeLessThan(300);
  } finally {
    await discovery.close();
    client.close();
    await store.close();
    await simulator.stop();
  }
});

/** Every single value of a store by its place: `tasks[3].upid`, `details[7].data/samples/0/at`. */
function valuesOf(path: string): Map<string, unknown> {
  const database = new Database(path, { readonly: true });
  const values = new Map<string, unknown>();
  const note = (kind: string, place: string, value: unknown): void => {
    if (ITS_OWN.test(kind)) return;
    if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) note(`${kind}/${key}`, `${place}/${key}`, one);
    else values.set(place, typeof value === 'string' ? withoutSeals(value) : value);
  };
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    .pluck()
    .all() as string[];
  for (const table of tables) {
    const rows = database.prepare(`SELECT * FROM "${table}" ORDER BY rowid`).all() as Row[];
    for (const [at, row] of rows.sort(byPlace).entries())
      for (const [column, value] of Object.entries(row))
        note(`${table}.${column}`, `${table}[${at}].${column}`, listed(parsed(value)));
  }
  database.close();
  return values;
}

type Row = { [column: string]: unknown };

/** Within one commit and topic rows stand in whatever order their nodes answered. */
function byPlace(a: Row, b: Row): number {
  const keys = ['seq', 'topic', 'resource_type', 'resource_id', 'subject', 'source'];
  for (const key of keys) {
    const [one, other] = [a[key], b[key]];
    if (typeof one === 'number' && typeof other === 'number' && one !== other) return one - other;
    const order = String(one ?? '').localeCompare(String(other ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}

/** Lists that name files come in whatever order the API lists them. */
function listed(value: unknown): unknown {
  const certificates = (value as { certificates?: { file: string }[] } | null)?.certificates;
  certificates?.sort((a, b) => a.file.localeCompare(b.file));
  return value;
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value;
}

/** Each store marks what it does not keep with a key of its own. */
function withoutSeals(text: string): string {
  return text.replace(/\(secret~\w+\)/g, '(secret)');
}
