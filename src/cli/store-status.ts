import type { StoreStatus } from '../database/maintenance/index.ts';
import { formatTime } from '../history/moment.ts';
import { exposureText } from '../private-file.ts';
import type { Row } from './render/table.ts';

/** A store's status for people. */
export async function storeStatusRow(status: StoreStatus, timeZone: string): Promise<Row> {
  const { lastRun, migrations, rows } = status;
  const counted = Object.entries(rows).filter(([, count]) => count > 0);
  return {
    store: status.at,
    engine: status.engineVersion,
    size: size(status.sizeBytes),
    latency: `${status.latencyMs.toFixed(1)} ms`,
    schema: SCHEMA[status.schema],
    migrations: `${migrations.applied.length} applied${migrations.pending.length > 0 ? `, pending: ${migrations.pending.join(', ')}` : ''}`,
    last_discovery:
      lastRun === null
        ? 'never'
        : `run ${lastRun.id} ${lastRun.status}, ${formatTime(lastRun.startedAt, timeZone)}${lastRun.error === null ? '' : `: ${lastRun.error}`}`,
    ...(status.exposed.length > 0 && { exposed: status.exposed.map(exposureText).join('; ') }),
    ...(counted.length > 0 && { rows: Object.fromEntries(counted) }),
  };
}

const SCHEMA: { [K in StoreStatus['schema']]: string } = {
  current: 'current',
  pending: 'not up to date: run `proxmox-mpc db migrate`',
  failed: 'a migration was interrupted: run `proxmox-mpc db migrate`',
  too_new: 'newer than this version of proxmox-mpc: update it',
  edited: 'migrated by files that differ from those of this version',
};

function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
