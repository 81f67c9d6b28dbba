import { listRows, unseenTotal } from '../src/answers/format/list-rows.ts';
import { narrowHint } from '../src/answers/format/page.ts';
import { quotedList } from '../src/answers/format/text.ts';
import { storagesAt } from '../src/answers/guests/past-lists.ts';
import { storageRows } from '../src/answers/storage/rows.ts';
import { storageSight } from '../src/answers/storage/sight.ts';
import { decodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, flag, listArguments, nodeText, text } from '../src/mcp/define/input.ts';
import { paging, provenance, rowsOutput, unseenPaging } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import type { NodeEntity, StorageEntity } from '../src/model/entity.ts';
import { STORAGE_STATUSES } from '../src/model/status.ts';

const SORTS = ['storage', 'type', 'status', 'total_gib', 'used_percent'] as const;

/** A local storage is a row for each node, since each has its own size; a shared one is counted once. */
export const listStorage = defineTool({
  name: 'list_storage',
  title: 'List storage',
  description:
    'Lists storages with type, status, content and how full they are. A shared storage is one row; a local one has a row for each ' +
    'node. Example: {"sort":"used_percent","order":"desc","limit":5}.',
  input: {
    node: nodeText('Only storages usable on this node.'),
    type: text('PVE type: dir, zfspool, nfs ...'),
    content: choice(
      ['images', 'rootdir', 'iso', 'vztmpl', 'backup', 'snippets', 'import'],
      'Only storages for this content.',
    ),
    status: choice(STORAGE_STATUSES, 'Only in this status.'),
    shared: flag('true: only shared ones; false: only local ones.'),
    ...listArguments(SORTS),
  },
  output: {
    storage: rowsOutput(
      'storage, type, node or shared, status, unseen_from, content, total_gib, used_percent; where those are old last_total_gib, last_used_percent.',
    ),
    ...paging,
    ...unseenPaging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'storage'],
  example: { sort: 'used_percent', order: 'desc' },
  handler: async (input, { store, timeZone }) => {
    const seq =
      input.cursor === undefined ? ((await store.lastCommit())?.seq ?? 0) : decodeCursor(input.cursor).seq;
    const { storages, views: onNodes } =
      input.cursor === undefined
        ? { storages: await store.storages(), views: await store.nodeStorages() }
        : await storagesAt(store, seq);
    const [nodes, sight] = await Promise.all([store.nodes(), storageSight(store, timeZone)]);
    const viewsOf = Map.groupBy(onNodes, row => row.storageId);
    const rows = storages
      .filter(
        storage =>
          (input.type === undefined || storage.type === input.type) &&
          (input.content === undefined || storage.contentTypes.includes(input.content)) &&
          (input.shared === undefined || storage.shared === input.shared),
      )
      .flatMap(storage => storageRows(storage, viewsOf.get(storage.id) ?? [], sight, input.node))
      .filter(row => input.status === undefined || String(row['status']).split(' ')[0] === input.status);
    const sorted = { ...input, sort: input.sort ?? 'storage' };
    const { rows: page, ...list } = listRows(rows, sorted, { seq, id: 'node' });
    const hint =
      list.total === 0
        ? emptyHint(input, storages, nodes)
        : narrowHint(list.total, page.length, 'node, type, content or shared');
    return { storage: page, ...list, ...unseenTotal(rows), ...(hint && { hint }) };
  },
});

function emptyHint(
  { node, type }: { node?: string | undefined; type?: string | undefined },
  storages: StorageEntity[],
  nodes: NodeEntity[],
): string {
  if (storages.length === 0) return 'No storage can be seen: the token may lack Datastore.Audit.';
  if (node !== undefined && !nodes.some(one => one.id === node))
    return `There is no such node. There are ${quotedList(nodes.map(one => one.id).slice(0, 10))}.`;
  const types = [...new Set(storages.map(storage => storage.type))].sort();
  if (type !== undefined && !types.includes(type))
    return `There is no storage of that type. There are ${quotedList(types.slice(0, 20))}.`;
  return `None of the ${storages.length} storages matches; leave a filter out.`;
}
