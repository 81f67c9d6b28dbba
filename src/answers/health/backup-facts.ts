import type { BackupsHealth, HealthFacts } from '../../health/facts.ts';
import type { StoreReader } from '../../model/store.ts';
import { createdSince } from '../guests/created.ts';

/** Backup jobs; null if none are known but not all could be read, so that there may be some. */
export async function jobFacts(store: StoreReader): Promise<HealthFacts['jobs']> {
  const [rows, [look]] = await Promise.all([
    store.details('backup_job'),
    store.details('list_look', ['backup_job']),
  ]);
  if (rows.length === 0 && look?.data.whole !== true) return null;
  return rows.map(({ subject, data }) => ({ id: subject, ...data }));
}

/** The newest backup of each guest, or of these (`vm/101`), and for which guests that is unknown. */
export async function backupFacts(store: StoreReader, guests?: readonly string[]): Promise<BackupsHealth> {
  const [own, former, commit] = await Promise.all([
    store.details('backups', guests),
    store.details('former_backups'),
    store.lastCommit('backups'),
  ]);
  const newest = new Map<string, number>();
  for (const { subject, data } of own)
    newest.set(subject, Math.max(newest.get(subject) ?? 0, data.newestAt ?? 0));
  return {
    complete: commit?.complete === true,
    readAt: commit?.observedAt ?? null,
    newest,
    ofPredecessor: new Set(former.map(row => row.subject)),
    unjudged: commit === null ? new Set() : await createdSince(store, commit.seq),
  };
}
