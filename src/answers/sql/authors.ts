import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import type { SqlValue } from '../../model/query.ts';
import { type Authorship, findAuthors } from '../changes/causes.ts';
import { clusterText } from '../format/text.ts';

/** Longest search for authors (ms), newest changes first, and how many places in the sequence are searched at once. */
const SEARCH_MS = 1_500;
const SEQS_AT_ONCE = 400;

/** Who made changes since a moment: version ids with users. */
export interface KnownAuthors {
  rows: SqlValue[][];
  /** Changes recorded before this moment (ms) were not searched; null if all were. */
  since: number | null;
}

/** Who made the recorded changes, as show_history determines it: nobody is named if part of a change is unexplained. */
export async function knownAuthors(store: ToolContext['store']): Promise<KnownAuthors> {
  const until = performance.now() + SEARCH_MS;
  const newest = (await store.lastCommit())?.seq ?? 0;
  const rows: SqlValue[][] = [];
  for (let to = newest; to > 0; to -= SEQS_AT_ONCE) {
    const steps = await store.steps({ after: to - SEQS_AT_ONCE, to, changesOnly: true });
    rows.push(...(await authorRows(steps, store)));
    if (performance.now() < until || to <= SEQS_AT_ONCE) continue;
    return { rows, since: (await store.commit(to - SEQS_AT_ONCE + 1))?.at ?? steps[0]?.at ?? null };
  }
  return { rows, since: null };
}

async function authorRows(steps: readonly Step[], store: ToolContext['store']): Promise<SqlValue[][]> {
  const changes = steps.map(step => ({ ...step, key: { type: step.type, id: step.resourceId } }));
  const authors = await findAuthors(changes, store);
  return authors.flatMap((authorship, at) => {
    const user = userOf(authorship);
    return user === null ? [] : [[steps[at]!.id, user]];
  });
}

function userOf({ causes, unknown }: Authorship): string | null {
  if (unknown.length > 0 || causes.length === 0) return null;
  return [...new Set(causes.map(cause => clusterText(cause.user, 100)))].join(', ');
}
