import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Facet } from '../model/facet.ts';
import { runMonth } from '../simulator/month.ts';
import { day } from '../simulator/timing.ts';
import { discoverAll, followPresent, playDay, simulate } from './demo/day.ts';

/** Days of history before the scripted one. */
const DAYS = 30;

/** What has a history. Backups and addresses are known of the present only: one look in the end has them. */
export const HISTORIC: readonly Facet[] = [
  'inventory',
  'config',
  'tasks',
  'storage',
  'datacenter',
  'details',
];

/**
 * Plays a month of the simulated cluster into the configured store, the demo's day last: what is then in the store was
 * really discovered, at its time. @throws UsageError when that store knows a cluster already.
 */
export async function seed(config: Config, packageRoot: string, log: Log): Promise<void> {
  const [{ openStore }, { createDiscovery }, { createProxmoxClient }, { storeOptions }] = await Promise.all([
    import('../database/index.ts'),
    import('../discovery/index.ts'),
    import('../proxmox/index.ts'),
    import('./store-options.ts'),
  ]);
  const { simulator, connection } = await simulate(config, Date.now() - DAYS * day);
  const now = () => simulator.clock.now();
  try {
    const store = await openStore({ ...storeOptions(config, packageRoot, log), now });
    try {
      const known = await store.cluster();
      if (known !== null) {
        throw new UsageError(`The store holds the history of ${known.name} already.`, {
          hint: 'Name an empty one with --database-url, or empty this one with `proxmox-mpc db reset`.',
        });
      }
      const client = createProxmoxClient({ ...connection, log, now });
      const discovery = createDiscovery({ store, client, log, configMaxAgeMs: config.configMaxAgeMs, now });
      const look = () => discovery.discover({ facets: new Set(HISTORIC), deep: false, guests: new Set() });
      await look();
      await runMonth(simulator, {
        days: DAYS,
        onLook: async ({ day, happened }) => {
          log.info(`day ${day} of ${DAYS + 1}: ${happened.join('; ') || 'nothing happens'}`);
          await look();
        },
      });
      await playDay(simulator, look, log);
      followPresent(simulator);
      await discoverAll(discovery);
      log.info(`the store holds ${DAYS + 1} days, which end now`);
      await discovery.close();
      client.close();
    } finally {
      await store.close();
    }
  } finally {
    await simulator.stop();
  }
}
