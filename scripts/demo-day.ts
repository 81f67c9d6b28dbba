import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoverAll, playDay, simulate } from '../src/app/demo/day.ts';
import { keepDay } from '../src/app/demo/kept-day.ts';
import { readConfig } from '../src/config.ts';
import { openStore } from '../src/database/index.ts';
import { createDiscovery } from '../src/discovery/index.ts';
import { noLog } from '../src/log.ts';
import { createProxmoxClient } from '../src/proxmox/index.ts';

/**
 * Plays the demo's day into a store of its own, with a discovery after each step, and packs the store into a file. `endsAt` is
 * when the day ends (ms since 1970); `until` ends it earlier, at a time of that day.
 */
export async function makeDemoDay(
  packageRoot: string,
  keptPath: string,
  { endsAt = Date.now(), until }: { endsAt?: number; until?: string } = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-day-'));
  const { simulator, connection } = await simulate(readConfig({ flags: {}, env: {} }), endsAt);
  const now = () => simulator.clock.now();
  try {
    const path = join(folder, 'day.db');
    const store = await openStore({ url: `file:${path}`, packageRoot, backupFolder: folder, now });
    const client = createProxmoxClient({ ...connection, log: noLog, now });
    const { configMaxAgeMs } = connection;
    const discovery = createDiscovery({ store, client, log: noLog, configMaxAgeMs, now });
    await playDay(simulator, () => discoverAll(discovery), noLog, until === undefined ? {} : { until });
    await discovery.close();
    client.close();
    await store.close();
    await keepDay(path, keptPath);
  } finally {
    await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
