import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';

/** Guests named where many have no backup. */
const NAMES_SHOWN = 5;
const NAMES_IN_FULL = 500;
const OLDEST_SHOWN = 10;

/** Guests without a backup, all by name if `full`, followed by those whose latest backup is the oldest. */
export async function backupAttention(
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
  { full }: { full: boolean },
): Promise<Row[]> {
  const rows = await backupRows(store, timeZone, full ? NAMES_IN_FULL : NAMES_SHOWN);
  return full ? [...rows, ...(await oldestBackups(store, timeZone))] : rows;
}

/** Guests without a backup when backups were last read. Only with all backups in sight is one known to be missing. */
async function backupRows(
  store: ToolContext['store'],
  timeZone: string,
  namesAtMost: number,
): Promise<Row[]> {
  const commit = await store.lastCommit('backups');
  if (commit?.complete !== true)
    return [{ what: 'backups', why: 'not all can be seen, so whether every guest has one is not known' }];
  const bare = await Promise.all(
    GUEST_TYPES.map(type =>
      store.guests(type, { template: false, withoutBackup: true }, undefined, { limit: namesAtMost }),
    ),
  );
  const total = bare.reduce((sum, one) => sum + one.total, 0);
  if (total === 0) return [];
  const former = new Set((await store.details('former_backups')).map(row => row.subject));
  const names = bare
    .flatMap(one => one.rows.map(guestKey))
    .slice(0, namesAtMost)
    .map(key => (former.has(key) ? `${key} (only of the guest that had its VMID before)` : key));
  const more = total > names.length ? ' ... (detail full names them)' : '';
  const at = formatTime(commit.observedAt, timeZone);
  return [{ what: 'backups', why: `${total} guests had none at ${at}: ${names.join(', ')}${more}` }];
}

/** The guests whose latest backup is the oldest: the reader decides whether that is too old. */
async function oldestBackups(store: StoreReader, timeZone: string): Promise<Row[]> {
  const latest = new Map<string, number>();
  for (const { subject, data } of await store.details('backups')) {
    if (data.newestAt !== null) latest.set(subject, Math.max(latest.get(subject) ?? 0, data.newestAt));
  }
  const lists = await Promise.all(GUEST_TYPES.map(type => store.guests(type, { template: false })));
  const oldest = lists
    .flatMap(list => list.rows.map(({ type, id }) => guestKey({ type, id })))
    .flatMap(key => (latest.has(key) ? [{ key, at: latest.get(key)! }] : []))
    .sort((a, b) => a.at - b.at)
    .slice(0, OLDEST_SHOWN)
    .map(({ key, at }) => `${key} ${formatTime(at, timeZone)}`);
  return oldest.length === 0
    ? []
    : [{ what: 'backups', why: `latest one longest ago: ${oldest.join(', ')}` }];
}
