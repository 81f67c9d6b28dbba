import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { CheckedQuery, SqlValue } from '../../model/query.ts';
import { NEWEST_SEALS, SEALS_NOTE } from '../../model/seals.ts';
import { hints } from '../format/hints.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';
import { knownAuthors } from './authors.ts';
import { givenRows } from './given.ts';

/** The longest a whole answer may take (ms). */
const ANSWER_MS = 5_000;
/** Most characters shown of a text in a row. */
const TEXT_AT_MOST = 1_000;

/** The result of a checked query, its texts cleaned as everywhere. @throws UsageError, and what the store's `query` throws */
export async function queryFacts(query: CheckedQuery, limit: number, context: ToolContext) {
  const began = performance.now();
  const { store, now, timeZone } = context;
  await assertSealed(store);
  const authors = query.readsAuthors ? await knownAuthors(store) : null;
  const given = { ...(await givenRows(query, context)), ...(authors && { authors: authors.rows }) };
  const withinMs = ANSWER_MS - (performance.now() - began);
  const found = await store.query(query, { limit, given, now, withinMs });
  const cleaned = found.rows.map(row => row.map(shown));
  const rows = fitRows(cleaned);
  const truncated = found.truncated || rows.length < cleaned.length;
  return {
    columns: (query.columns ?? found.columns).map(name => clusterText(name, 60)),
    rows,
    truncated,
    ...hints(
      ...query.cautions,
      truncated &&
        `There is more than these ${rows.length} rows: narrow by where, count and group, or page by order by and limit.`,
      authors !== null &&
        authors.since !== null &&
        `user is filled in for changes since ${formatTime(authors.since, timeZone)} only; show_history has the others.`,
    ),
  };
}

/** Queries can take columns apart, so a store written by an older version must first be searched for secrets. */
async function assertSealed(store: ToolContext['store']): Promise<void> {
  if ((await store.note(SEALS_NOTE)) === NEWEST_SEALS || (await store.lastCommit()) === null) return;
  throw new UsageError('An older version wrote this store, and it was not searched for secrets since.', {
    hint: 'The next discovery does that: call discover while Proxmox can be reached.',
  });
}

function shown(value: SqlValue): SqlValue {
  return typeof value === 'string' ? clusterText(unescaped(value), TEXT_AT_MOST) : value;
}

/** An escape of JSON: of what controls a device or is half a surrogate pair (group one), or any other. */
const ESCAPE = /\\(?:(b|f|u00[01][\da-f]|ud[89a-f][\da-f]{2})|[\s\S])/gi;

/** The text; in JSON what cannot be seen is itself instead of an escape, behind which it would not be removed. */
function unescaped(text: string): string {
  if (!/^[[{"]/.test(text)) return text;
  return text.replace(ESCAPE, (written: string, code?: string) => {
    if (code === undefined) return written;
    return code.length === 1 ? ' ' : String.fromCharCode(Number.parseInt(code.slice(1), 16));
  });
}
