import type { Config } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Facet } from '../model/facet.ts';
import { runMonth } from '../simulator/month.ts';
import { day } from '../simulator/timing.ts';
import { discoverAll, followPresent, playDay, simulate } from './demo/day.ts';

/** Days of history before the scripted day. */
const DAYS = 30;

/** The facets with a history. Backups and addresses have none: one look at the end is enough. */
export const HISTORIC: readonly Facet[] = [
  'inventory',
  'config',
  'tasks',
  'storage',
  'datacenter',
  'details',
];

/**
 * Plays a month of the simulated cluster, ending with the demo's day, into the configured store: everything in it was really
 * discovered, at its time.
 * @throws UsageError if that store already knows a cluster
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
