import type { ToolContext } from '../../mcp/define/tool.ts';
import { formatKey, isSettingType, type ResourceType, SETTING_TYPES } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { clusterText } from '../format/text.ts';
import { unseenFields, unseenIn } from '../in-sight.ts';
import type { Found, Match } from './match.ts';
import type { Query } from './query.ts';
import { matchSettings } from './settings.ts';

const source = 'datacenter';

/** Backup jobs, pools, and resources and rules of high availability, found by their names and all their fields. */
export async function findSettings(
  query: Query,
  wanted: ResourceType | undefined,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Found[]> {
  if (query.snapshot !== null || query.vlan !== null) return [];
  const types = SETTING_TYPES.filter(type => wanted === undefined || wanted === type);
  if (types.length === 0 || (wanted !== undefined && !isSettingType(wanted))) return [];
  const [lists, unseen, commit] = await Promise.all([
    Promise.all(types.map(type => store.everythingAt(NEWEST_SEQ, type))),
    unseenIn(store, 'datacenter'),
    store.lastCommit('datacenter'),
  ]);
  return lists.flat().flatMap(({ type, resourceId: id, state }) => {
    const matches = matchSetting(query, id, state);
    const key = formatKey({ type, id });
    const out = unseen.get(key) ?? null;
    const row = { resource: clusterText(key, 120), status: statusOf(state), ...unseenFields(out, timeZone) };
    return matches.length === 0 ? [] : [{ matches, at: out?.since ?? commit?.observedAt ?? null, row }];
  });
}

function matchSetting(query: Query, id: string, { options, ...state }: JsonObject): Match[] {
  const named = query.matchesName(id);
  const name: Match = { rank: id.toLowerCase() === query.text ? 0 : 3, field: 'name', value: id, source };
  return [
    ...(named ? [name] : []),
    ...matchSettings(query, '', listsAsText(state), source),
    ...matchSettings(query, 'options', (options ?? {}) as JsonObject, source),
  ].sort((a, b) => a.rank - b.rank);
}

/** Lists with each entry by itself, so that `100` is found among a job's guests. */
function listsAsText(state: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [
      key,
      Array.isArray(value)
        ? Object.fromEntries(value.map((one, index) => [String(index), typeof one === 'object' ? null : one]))
        : value,
    ]),
  );
}

/** Only disabled ones have a status. */
function statusOf({ enabled }: JsonObject): string | null {
  return enabled === false ? 'disabled' : null;
}
