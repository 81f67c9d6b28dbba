import { UsageError } from '../src/errors.ts';
import { defineResource } from '../src/mcp/define-resource.ts';
import { RESOURCE_TYPES, type ResourceType } from '../src/model/resource.ts';
import { formatTime } from '../src/state/moment.ts';
import { changeRows } from '../tools/support/change-rows.ts';
import { fitPage } from '../tools/support/page.ts';

const CHANGES_AT_MOST = 100;

export const historyResource = defineResource({
  uri: 'proxmox://history/{type}/{id}',
  name: 'history',
  title: 'History of a resource',
  description: 'The recorded changes of one resource, newest first. type is node, vm, container or storage.',
  needs: ['inventory', 'config', 'tasks', 'storage'],
  read: async ({ type = '', id = '' }, { store, timeZone }) => {
    if (!isResourceType(type))
      throw new UsageError(`"${type.slice(0, 40)}" is no type of resource.`, {
        hint: `Use ${RESOURCE_TYPES.join(', ')}.`,
      });
    const filter = { resource: { type, id }, changesOnly: true };
    const [versions, total, first] = await Promise.all([
      store.versions(filter, { limit: CHANGES_AT_MOST }),
      store.countVersions(filter),
      store.firstCommit(),
    ]);
    if (total === 0)
      throw new UsageError(`Nothing is recorded of ${type}/${id.slice(0, 60)}.`, {
        hint: 'The list tools show what there is.',
      });
    const rows = await changeRows(
      versions.map(version => ({ ...version, key: { type, id } })),
      { store, timeZone },
    );
    const page = fitPage(rows, { offset: 0, total, limit: CHANGES_AT_MOST });
    return {
      resource: `${type}/${id}`,
      changes: page.rows,
      total,
      history_starts_at: first === null ? null : formatTime(first.at, timeZone),
      ...(page.rows.length < total && { hint: 'Older changes: show_history with this resource.' }),
    };
  },
  complete: async (variable, typed, { store }) => {
    if (variable === 'type') return RESOURCE_TYPES.filter(type => type.startsWith(typed));
    const [vms, containers, nodes, storages] = await Promise.all([
      store.guests('vm'),
      store.guests('container'),
      store.nodes(),
      store.storages(),
    ]);
    const ids = [
      ...nodes.map(node => node.id),
      ...storages.map(storage => storage.id),
      ...[...vms.rows, ...containers.rows].map(guest => String(guest.id)),
    ];
    return ids.filter(id => id.startsWith(typed));
  },
});

function isResourceType(type: string): type is ResourceType {
  return (RESOURCE_TYPES as readonly string[]).includes(type);
}
