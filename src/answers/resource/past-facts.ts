import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { formatKey, isGuestType, type ResourceKey } from '../../model/resource.ts';
import type { GuestState, JsonObject } from '../../model/state.ts';
import { hasProcess } from '../../model/status.ts';
import { clusterText, stateValue } from '../format/text.ts';
import { pastGuestFact } from '../guests/fact.ts';
import { configFacts, pendingFacts, snapshotFacts } from '../guests/facts.ts';
import { guestRow } from '../guests/rows.ts';
import { nodeSightsAt, type OutOfSight, unseenAt, unseenFields } from '../in-sight.ts';
import type { WantedThen } from './parts.ts';

/** A resource as history knows it at the wanted moment; usage is not kept. @throws UsageError if it was not known then */
export async function pastFacts(
  key: ResourceKey,
  { has, moment }: WantedThen,
  { store, timeZone }: ToolContext,
): Promise<Row> {
  const [version] = await store.versionsAt(moment.seq, [key]);
  if (version === undefined && moment.beforeHistory) {
    const start = await store.firstCommit();
    throw new UsageError(`${formatKey(key)} is not known at that moment: history starts later.`, {
      hint:
        start === null
          ? 'Nothing has been recorded yet.'
          : `Ask with at from ${formatTime(start.at, timeZone)} on, where history starts.`,
    });
  }
  if (version === undefined) {
    const first = (await store.versions({ resource: key })).at(-1);
    throw new UsageError(`${formatKey(key)} was not known at that moment.`, {
      ...(first && {
        hint: `It was first seen at ${formatTime(first.at, timeZone)} (${first.change}): ask with at from then on.`,
      }),
    });
  }
  const gone = version.change === 'deleted';
  const since = gone ? {} : { since: formatTime(version.at, timeZone) };
  if (!isGuestType(key.type)) {
    const state = configFacts(stateValue('state', version.state) as JsonObject);
    const out = await outOfSightAt(key, moment.seq, store);
    const unseen = out && {
      ...(key.type === 'node' && { status: 'unknown', last_status: state['status'] }),
      ...unseenFields(out, timeZone),
    };
    return {
      ...state,
      ...unseen,
      ...times(version.state, timeZone),
      ...since,
      ...(gone && { status: 'deleted' }),
    };
  }
  const state = version.state as GuestState;
  const fact = pastGuestFact(version, await nodeSightsAt(store, moment.seq), moment.at);
  const { vmid: _, ...row } = guestRow(fact, { timeZone });
  const pending = has('pending') ? pendingFacts(state.config ?? {}, state.pending ?? {}) : [];
  const snapshots = has('snapshots') ? snapshotFacts(state.snapshots ?? {}, timeZone) : [];
  return {
    ...row,
    pool: state.pool === undefined ? null : clusterText(state.pool, 60),
    ...(gone && { status: 'deleted', last_status: null, unseen_since: null, unseen_reason: null }),
    ...(hasProcess(state.status) && times(version.state, timeZone)),
    ...since,
    config: has('config') && state.config ? configFacts(state.config) : null,
    pending: pending.length > 0 ? pending : null,
    snapshots: snapshots.length > 0 ? snapshots : null,
  };
}

/** Why a resource other than a guest could not be seen at a place in the sequence; undefined if it could. */
async function outOfSightAt(
  key: ResourceKey,
  seq: number,
  store: ToolContext['store'],
): Promise<OutOfSight | undefined> {
  if (key.type === 'node') return (await nodeSightsAt(store, seq)).unseen.get(key.id);
  const facet = key.type === 'storage' ? 'storage' : 'datacenter';
  return (await unseenAt(store, seq, facet)).get(formatKey(key));
}

function times(state: JsonObject, timeZone: string): Row {
  const started = state['started_at'];
  return typeof started === 'number' ? { started_at: formatTime(started, timeZone) } : {};
}
