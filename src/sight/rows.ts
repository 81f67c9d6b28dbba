import type { GivenRows } from '../model/query.ts';
import { formatKey, GUEST_TYPES } from '../model/resource.ts';
import type { StoreReader } from '../model/store.ts';
import { detailSeen } from './parts.ts';
import type { Sight } from './sight.ts';

/** Topics of facts that the views read. */
const TOPICS = ['backups', 'former_backups', 'addresses', 'backup_job'] as const;

/** The rows a query may return. Giving them to the views is what makes the views filter. */
export async function seenRows(store: StoreReader, sight: Sight): Promise<GivenRows> {
  const [guests, changed, nodes, details] = await Promise.all([
    Promise.all(GUEST_TYPES.map(type => store.guests(type))),
    store.changedKeys({}),
    store.nodes({ includeRemoved: true }),
    Promise.all(TOPICS.map(topic => store.details(topic))),
  ]);
  const present = guests.flatMap(({ rows }) => rows);
  const keys = [...present.map(({ type, id }) => ({ type, id: String(id) })), ...changed];
  const pools = new Set([
    ...present.flatMap(({ pool }) => pool ?? []),
    ...changed.flatMap(({ type, id }) => (type === 'pool' ? [id] : [])),
  ]);
  return {
    seen_resources: [...new Set(keys.filter(sight.resource).map(formatKey))].map(key => [key]),
    seen_nodes: nodes.filter(({ id }) => sight.node(id)).map(({ id }) => [id]),
    seen_users: [[sight.owner]],
    seen_pools: [...pools].filter(sight.pool).map(pool => [pool]),
    seen_details: details
      .flat()
      .filter(detail => detailSeen(sight, detail))
      .map(({ topic, subject, source }) => [`${topic} ${subject} ${source}`]),
  };
}
