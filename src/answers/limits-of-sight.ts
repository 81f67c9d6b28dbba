import { formatTime } from '../history/moment.ts';
import type { ToolContext } from '../mcp/define/tool.ts';
import { GUEST_TYPES } from '../model/resource.ts';

/** Configurations older than this may have been edited before the answer (ms). */
const CONFIG_LAG_MS = 60_000;

/** What the run that led to a past moment could not see, worded to follow "nothing was seen"; null if it saw everything. */
export async function limitsOfSightAt(
  { store }: Pick<ToolContext, 'store'>,
  seq: number,
): Promise<string | null> {
  const commit = await store.commit(seq);
  const [run] = commit === null ? [] : await store.runs([commit.runId]);
  return run === undefined || run.unseen.length === 0
    ? null
    : `but the look at that moment could not see all of it (proxmox://runs/${run.id} names what).`;
}

/**
 * Why finding nothing up to a moment (`until`, ms) does not mean that there was nothing, worded to follow "nothing was seen";
 * null if everything could be seen.
 */
export async function limitsOfSight(
  { store, freshness, timeZone }: Pick<ToolContext, 'store' | 'freshness' | 'timeZone'>,
  until: number,
): Promise<string | null> {
  if (freshness.stale !== null || freshness.unseen.length > 0)
    return 'but not all could be: see stale and unseen.';
  const guests = await Promise.all(GUEST_TYPES.map(type => store.guests(type, {}, undefined, { limit: 1 })));
  if (guests.every(list => list.total === 0))
    return 'but no guest can be: there is none, or the token lacks VM.Audit (proxmox-mpc test-connection tells).';
  const read = freshness.asOf.config ?? null;
  return read !== null && until - read > CONFIG_LAG_MS
    ? `but configurations were last read at ${formatTime(read, timeZone)}: edits since then show later.`
    : null;
}
