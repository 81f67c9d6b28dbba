import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type DatabaseStore, openStore } from '../src/database/index.ts';
import { GUEST_TYPES } from '../src/model/resource.ts';
import { freshTools } from './support/fresh-runner.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { BEGINNING, sampleGuest, sampleNodes, sampleState, typeOf } from './support/sample-data.ts';
import { median, minimum, percentile, timed } from './support/stats.ts';

const GUESTS = 10_000;
const ROUNDS = { quick: 15, full: 100 };

/** What a list is asked, and whether it has a condition on the configuration of each guest. */
const QUESTIONS: [args: object, onConfigs: boolean][] = [
  [{ limit: 50 }, false],
  [{ where: ['status=running', 'tag=prod'] }, false],
  [{ where: ['onboot=1'] }, true],
  [{ where: ['!onboot'], show: ['startup', 'machine', 'nic.bridge'] }, true],
  [{ where: ['memory>8192'] }, true],
  [{ where: ['cpu=host'] }, true],
  [{ where: ['disk(bus=ide)'] }, true],
  [{ where: ['nic.tag=20'] }, true],
  [{ where: ['!agent', 'status=running'] }, true],
  [{ group: ['node', 'tag'], where: ['status=running'] }, false],
];

/** Conditions on ten thousand guests, beside reading the same rows and nothing else. */
export const conditions: Benchmark = {
  name: 'conditions',
  title: 'Conditions',
  async run({ full }) {
    const { root, folder } = await stagedPackage();
    const path = join(await folder(), 'store.db');
    const store = await openStore({ url: `file:${path}`, autoMigrate: true, packageRoot: root });
    const hand = new Database(path, { readonly: true });
    try {
      await fill(store);
      const call = freshTools(store, BEGINNING);
      const rounds = full ? ROUNDS.full : ROUNDS.quick;
      const rows = [];
      const checks = [];
      const floors = await timed(rounds + 5, () => readByHand(hand));
      const floor = floors.slice(5);
      for (const [args, onConfigs] of QUESTIONS) {
        const samples = (await timed(rounds + 5, () => call('list_guests', args))).slice(5);
        const p50 = median(samples);
        rows.push([
          JSON.stringify(args),
          p50,
          minimum(samples),
          percentile(samples, 0.9),
          p50 / median(floor),
        ]);
        if (onConfigs)
          checks.push({
            what: `list_guests ${JSON.stringify(args)} p50`,
            value: p50,
            target: 60,
            unit: 'ms',
          });
      }
      rows.push([
        'by hand: read every configuration, parse its JSON',
        median(floor),
        minimum(floor),
        percentile(floor, 0.9),
        1,
      ]);
      return {
        tables: [
          {
            title: `list_guests with conditions, ${GUESTS.toLocaleString('en')} guests in the store, called in process (ms)`,
            columns: ['arguments', 'p50', 'least', 'p90', 'times the floor'],
            rows,
          },
        ],
        checks,
      };
    } finally {
      hand.close();
      await store.close();
    }
  },
};

/** The floor: the same configurations through better-sqlite3, each parsed, none judged. */
function readByHand(database: InstanceType<typeof Database>): number {
  const rows = database.prepare('SELECT resource_id, config FROM guest_configs').all() as {
    config: string;
  }[];
  return rows.filter(row => JSON.parse(row.config) !== null).length;
}

async function fill({ repositories }: DatabaseStore): Promise<void> {
  const ids = Array.from({ length: GUESTS }, (_, n) => 100 + n);
  await repositories.nodes.upsertMany(sampleNodes());
  await repositories.discoveryRuns.create({
    startedAt: BEGINNING,
    finishedAt: BEGINNING,
    status: 'completed',
    facets: ['inventory', 'config'],
    apiCalls: 2,
    counts: { discovered: GUESTS, created: 0, updated: 0, deleted: 0, unchanged: 0 },
    unseen: [],
    warnings: [],
    error: null,
  });
  const commit = { runId: 1, at: BEGINNING, observedAt: BEGINNING, complete: true, changes: GUESTS };
  await repositories.commits.upsertMany([
    { ...commit, seq: 1, facet: 'inventory' },
    { ...commit, seq: 2, facet: 'config' },
  ]);
  for (const type of GUEST_TYPES) {
    const guests = ids.filter(id => typeOf(id) === type).map(id => sampleGuest(id));
    await (type === 'vm' ? repositories.vms : repositories.containers).upsertMany(guests);
  }
  for (let start = 0; start < ids.length; start += 1_000)
    await repositories.guestConfigs.upsertMany(ids.slice(start, start + 1_000).map(configOf));
}

/** Every third starts with its node, every fifth has the host's processor, every fiftieth a disk on IDE. */
function configOf(id: number) {
  const { config = {}, pending = {}, snapshots = {} } = sampleState(id, 0);
  return {
    type: typeOf(id),
    id,
    config: {
      ...config,
      agent: { enabled: id % 7 === 0 ? 0 : 1 },
      ...(id % 3 === 0 && { onboot: 1 }),
      ...(id % 5 === 0 && { cpu: { cputype: 'host' } }),
      ...(id % 50 === 0 && { ide0: { volume: `local:${id}/vm-${id}-disk-9.qcow2`, size: '8G' } }),
    },
    pending,
    snapshots,
    observedAt: BEGINNING,
  };
}
