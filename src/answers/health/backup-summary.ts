import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { taskSpan } from '../tasks/span.ts';

const DAY_MS = 86_400_000;

/**
 * The backup jobs in a line: how many there are and are enabled, when the next one runs, when a backup last ran, and how many
 * failed within 24 hours. Without numbers of jobs if these could not be read.
 */
export async function backupSummary({
  store,
  now,
  timeZone,
}: Pick<ToolContext, 'store' | 'now' | 'timeZone'>): Promise<Row> {
  const time = (at: number | null | undefined) => (at == null ? null : formatTime(at, timeZone));
  const types = ['vzdump'];
  const [jobs, [look], last, failed] = await Promise.all([
    store.details('backup_job'),
    store.details('list_look', ['backup_job']),
    store.tasks({ types }, { by: 'startTime', order: 'desc' }, { limit: 1 }),
    store.tasks(
      { types, statuses: ['error'], ...(await taskSpan(store, { since: now - DAY_MS })) },
      undefined,
      { limit: 1 },
    ),
  ]);
  const enabled = jobs.filter(job => job.data.enabled);
  const next = enabled.flatMap(job => job.data.nextRunAt ?? []).sort((a, b) => a - b)[0];
  const isKnown = jobs.length > 0 || look?.data.whole === true;
  return {
    ...(isKnown && { jobs: jobs.length, enabled: enabled.length, next_run: time(next) }),
    last_run: time(last.rows[0]?.startTime),
    failed: failed.total,
  };
}
