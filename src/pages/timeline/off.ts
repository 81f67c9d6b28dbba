import type { HistoryRow, TimelineFacts } from '../facts.ts';

/** A span of time (ms). */
export interface Span {
  from: number;
  to: number;
}

/** A time in which a resource was off or out of sight. With `unwatched`, history had not begun yet. */
export interface Off extends Span {
  unwatched?: true;
}

/** Values of `status` of a resource that is working. */
const AT_WORK: ReadonlySet<unknown> = new Set(['online', 'running', 'available', 'active']);

/**
 * When a resource was off, judging by its changes of `status`: from the change that took it out of work to the one that brought
 * it back. A time in which it could not be seen counts as well.
 */
export function spansOff(
  resource: string,
  items: readonly { before: number; row: HistoryRow }[],
  { unseen = [], history_starts_at: start = '' }: TimelineFacts,
  span: Span,
): Off[] {
  const begun = Date.parse(start);
  // Nobody watched before history began.
  const off: Off[] = begun > span.from ? [{ from: span.from, to: begun, unwatched: true }] : [];
  let since: number | null = null;
  let isFirst = true;
  let begin = Number.isNaN(begun) ? span.from : Math.max(begun, span.from);
  for (const { before, row } of items) {
    // A resource that does not exist is not off.
    if (row.change === 'created') [begin, since, isFirst] = [before, null, true];
    if (row.change === 'deleted' && since !== null) {
      off.push({ from: since, to: before });
      since = null;
    }
    const field = row.fields?.find(({ path }) => path === 'status');
    if (field === undefined) continue;
    // It was already off when first seen: assume from its own beginning, or that of history.
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
