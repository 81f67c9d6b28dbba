import { UsageError } from '../../src/errors.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import { parseMoment } from '../../src/state/moment.ts';

/** A moment found in history: everything committed up to `seq`. */
export interface Resolved {
  seq: number;
  /** When that was (ms). */
  at: number;
  /** The moment lies before the first commit: history cannot tell. */
  beforeHistory: boolean;
}

/**
 * Finds a moment in the store.
 * @throws UsageError for text that is no moment, or a run that never was.
 */
export async function resolveMoment(
  text: string,
  edge: 'start' | 'end',
  { store, now, timeZone }: Pick<ToolContext, 'store' | 'now' | 'timeZone'>,
  last?: () => Promise<number | null>,
): Promise<Resolved> {
  const moment = parseMoment(text, { now, timeZone, edge });
  if (moment.kind === 'time') {
    const commit = await store.commitAt(moment.at);
    return commit === null
      ? { seq: 0, at: moment.at, beforeHistory: true }
      : { seq: commit.seq, at: moment.at, beforeHistory: false };
  }
  if (moment.kind === 'run') {
    const commits = await store.commitsOfRun(moment.run);
    const final = commits.at(-1);
    if (final === undefined) {
      throw new UsageError(
        `There is no run ${moment.run} in history, or it changed nothing and was tidied away.`,
        {
          hint: 'Name a time instead, such as 24h or "yesterday 18:00".',
        },
      );
    }
    return { seq: final.seq, at: final.at, beforeHistory: false };
  }
  const seq = moment.kind === 'seq' ? moment.seq : await last?.();
  if (seq === null || seq === undefined) return resolveMoment('24h', edge, { store, now, timeZone });
  const commit = await store.commitAt(Number.MAX_SAFE_INTEGER);
  const known = (await store.commit(seq)) ?? null;
  if (commit === null || seq > commit.seq) {
    throw new UsageError('That token comes from another store or from the future.', {
      hint: 'Name a time instead, such as 24h.',
    });
  }
  return { seq, at: known?.at ?? now, beforeHistory: false };
}
