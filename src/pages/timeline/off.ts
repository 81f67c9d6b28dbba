import type { HistoryRow, TimelineFacts } from '../facts.ts';

/** A span of time (ms). */
export interface Span {
  from: number;
  to: number;
}

/** A time in which a resource was off or out of sight; `unwatched`: before there was a history of anything. */
export interface Off extends Span {
  unwatched?: true;
}

/** What a resource's `status` is while it is at work. */
const AT_WORK: ReadonlySet<unknown> = new Set(['online', 'running', 'available', 'active']);

/**
 * When a resource was off, by what its own changes of `status` say: from the change that ended its work to the one that
 * took it up again. What answers could not see counts from when it went out of sight.
 */
export function spansOff(
  resource: string,
  items: readonly { before: number; row: HistoryRow }[],
  { unseen = [], history_starts_at: start = '' }: TimelineFacts,
  span: Span,
): Off[] {
  const begun = Date.parse(start);
  // Before history nobody watched.
  const off: Off[] = begun > span.from ? [{ from: span.from, to: begun, unwatched: true }] : [];
  let since: number | null = null;
  let isFirst = true;
  let begin = Number.isNaN(begun) ? span.from : Math.max(begun, span.from);
  for (const { before, row } of items) {
    // What is not there is not off.
    if (row.change === 'created') [begin, since, isFirst] = [before, null, true];
    if (row.change === 'deleted' && since !== null) {
      off.push({ from: since, to: before });
      since = null;
    }
    const field = row.fields?.find(({ path }) => path === 'status');
    if (field === undefined) continue;
    // Off before anything is known of it: from the beginning on, its own or that of the history.
    if (isFirst && field.from !== null && !AT_WORK.has(field.from)) since = begin;
    isFirst = false;
    if (AT_WORK.has(field.to)) {
      if (since !== null) off.push({ from: since, to: before });
      since = null;
    } else since ??= before;
  }
  if (since !== null) off.push({ from: since, to: span.to });
  const gone = unseen.find(({ what, resources = [] }) => what === resource || resources.includes(resource));
  const lost = gone?.since === undefined ? Number.NaN : Date.parse(gone.since);
  if (!Number.isNaN(lost)) off.push({ from: Math.max(lost, span.from), to: span.to });
  return off;
}
