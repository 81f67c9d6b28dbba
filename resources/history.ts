import { changeRows } from '../src/answers/changes/rows.ts';
import { fitPage } from '../src/answers/format/page.ts';
import { quoted } from '../src/answers/format/text.ts';
import { UsageError } from '../src/errors.ts';
import { formatTime } from '../src/history/moment.ts';
import { defineResource } from '../src/mcp/define/resource.ts';
import {
  CLUSTER,
  formatKey,
  isSettingType,
  RESOURCE_TYPES,
  type ResourceType,
} from '../src/model/resource.ts';
import { NEWEST_SEQ, type StoreReader } from '../src/model/store.ts';

const CHANGES_AT_MOST = 100;

/** The history of anything ever recorded, deleted or not, by its type and id as in answers. */
export const historyResource = defineResource({
  uri: 'proxmox://history/{type}/{id}',
  name: 'history',
  title: 'History of a resource',
  description:
    'The recorded changes of one resource, newest first. type is cluster, node, vm, container, storage, backup-job, pool or ha.',
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
  read: async ({ type = '', id = '' }, { store, timeZone }) => {
    if (!isResourceType(type))
      throw new UsageError(`${quoted(type, 40)} is no type of resource.`, {
        hint: `Use ${RESOURCE_TYPES.join(', ')}.`,
      });
    const filter = { resource: { type, id }, changesOnly: true };
    const [versions, total, first] = await Promise.all([
      store.versions(filter, { limit: CHANGES_AT_MOST }),
      store.countVersions(filter),
      store.firstCommit(),
    ]);
    if (total === 0)
      throw new UsageError(`Nothing is recorded of ${quoted(formatKey({ type, id }), 80)}.`, {
        hint: 'The list tools show what there is.',
      });
    const rows = await changeRows(
      versions.map(version => ({ ...version, key: { type, id } })),
      { store, timeZone },
    );
    const page = fitPage(rows, { offset: 0, total, limit: CHANGES_AT_MOST });
    return {
      resource: formatKey({ type, id }),
      changes: page.rows,
      total,
      history_starts_at: first === null ? null : formatTime(first.at, timeZone),
      ...(page.rows.length < total && { hint: 'Older changes: show_history with this resource.' }),
    };
  },
  complete: async (variable, typed, context, { type } = {}) => {
    if (variable === 'type') return RESOURCE_TYPES.filter(one => one.startsWith(typed));
    const types = type !== undefined && isResourceType(type) ? [type] : RESOURCE_TYPES;
    const ids = await Promise.all(types.map(one => idsOf(one, context.store)));
    return ids.flat().filter(id => id.startsWith(typed));
  },
  changedBy: (keys, { type = '', id = '' }) => isResourceType(type) && keys.includes(formatKey({ type, id })),
});

async function idsOf(type: ResourceType, store: StoreReader): Promise<string[]> {
  if (type === 'node') return (await store.nodes()).map(node => node.id);
  if (type === 'storage') return (await store.storages()).map(storage => storage.id);
  if (type === 'cluster') return [CLUSTER.id];
  if (isSettingType(type))
    return (await store.everythingAt(NEWEST_SEQ, type)).map(({ resourceId }) => resourceId);
  return (await store.guests(type)).rows.map(guest => String(guest.id));
}

function isResourceType(type: string): type is ResourceType {
  return RESOURCE_TYPES.some(one => one === type);
}
