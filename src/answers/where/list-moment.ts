import { decodeCursor } from '../../mcp/define/cursor.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { BEFORE_HISTORY } from '../changes/history-start.ts';
import { type Resolved, resolveMoment } from '../moments.ts';

/** Which moment a page of a short list shows. */
export interface ListMoment {
  /** The place in the sequence, and its time (ms). */
  seq: number;
  at: number;
  /** A past moment was asked for. */
  then: boolean;
  /** The moment as resolved; null on later pages, and for the present. */
  resolved: Resolved | null;
  hint: string | undefined;
}

/** Reads `at` and the cursor of a list; later pages show the moment of the first. */
export async function listMoment(
  { at: asked, cursor }: { at?: string | undefined; cursor?: string | undefined },
  context: ToolContext,
): Promise<ListMoment> {
  const then = asked !== undefined;
  if (cursor !== undefined) {
    const { seq, pins } = decodeCursor(cursor);
    return { seq, at: pins[0] ?? context.now, then, resolved: null, hint: undefined };
  }
  if (!then) {
    const seq = (await context.store.lastCommit())?.seq ?? 0;
    return { seq, at: context.now, then, resolved: null, hint: undefined };
  }
  const resolved = await resolveMoment(asked, 'end', context);
  return {
    seq: resolved.beforeHistory ? 0 : resolved.seq,
    at: resolved.at,
    then,
    resolved,
    hint: resolved.beforeHistory ? BEFORE_HISTORY : undefined,
  };
}
