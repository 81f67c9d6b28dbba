import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../src/database/index.ts';
import { fillStore, GUESTS } from './support/filled-store.ts';
import { freshTools } from './support/fresh-runner.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { BEGINNING } from './support/sample-data.ts';
import { costs, median, minimum, percentile } from './support/stats.ts';

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
  [{ where: ['disk.size_gib>=32', 'disk.storage=local-zfs'] }, true],
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
      await fillStore(store);
      const call = freshTools(store, BEGINNING);
      const rounds = full ? ROUNDS.full : ROUNDS.quick;
      const rows = [];
      const checks = [];
      const measure = async (what: string, work: () => unknown) => {
        const { ms, cpuMs } = await costs(rounds + 5, work);
        const [clock, cpu] = [ms.slice(5), cpuMs.slice(5)];
        const p50 = median(clock);
        return { p50, cells: [what, p50, minimum(clock), percentile(clock, 0.9), median(cpu), minimum(cpu)] };
      };
      const floor = await measure('by hand: read every configuration, parse its JSON', () =>
        readByHand(hand),
      );
      for (const [args, onConfigs] of QUESTIONS) {
        const { p50, cells } = await measure(JSON.stringify(args), () => call('list_guests', args));
        rows.push([...cells, p50 / floor.p50]);
        if (onConfigs)
          checks.push({
            what: `list_guests ${JSON.stringify(args)} p50`,
            value: p50,
            target: 60,
            unit: 'ms',
          });
      }
      rows.push([...floor.cells, 1]);
      return {
        tables: [
          {
            title: `list_guests with conditions, ${GUESTS.toLocaleString('en')} guests in the store, called in process (ms)`,
            columns: ['arguments', 'p50', 'least', 'p90', 'CPU p50', 'least', 'times the floor'],
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
