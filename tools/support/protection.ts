import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { GuestEntity } from '../../src/model/entity.ts';
import { clusterText } from './text.ts';

const NAMES_SHOWN = 5;

/** What is wrong with what protects guests: high availability without quorum, failing replication, no backup at all. */
export async function protectionRows(guests: GuestEntity[], { store }: ToolContext): Promise<Row[]> {
  const [cluster, replication, backups, commit] = await Promise.all([
    store.details('cluster'),
    store.details('replication'),
    store.details('backups'),
    store.lastCommit('backups'),
  ]);
  const rows: Row[] = [];
  const quorum = cluster[0]?.data.haQuorum ?? null;
  if (quorum !== null && quorum !== 'OK')
    rows.push({ what: 'high availability', why: clusterText(quorum, 120) });
  for (const { subject, data } of replication) {
    for (const job of data) {
      if (job.failures === 0) continue;
      const why = `replication to ${job.target} failed ${job.failures} times: ${clusterText(job.error ?? '', 120)}`;
      rows.push({ what: subject, why });
    }
  }
  // Only who sees every backup can tell that one is missing.
  if (commit?.complete === true && backups.length > 0) {
    const saved = new Set(backups.map(row => row.subject));
    const bare = guests.filter(guest => !guest.template && !saved.has(`${guest.type}/${guest.id}`));
    if (bare.length > 0) {
      const names = bare.slice(0, NAMES_SHOWN).map(guest => `${guest.type}/${guest.id}`);
      rows.push({
        what: 'backups',
        why: `${bare.length} guests have none: ${names.join(', ')}${bare.length > NAMES_SHOWN ? ' ...' : ''}`,
      });
    }
  }
  return rows;
}
