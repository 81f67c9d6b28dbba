import { choice, flag, listArguments, text } from '../src/mcp/define-input.ts';
import { paging, provenance, rowsOutput } from '../src/mcp/define-output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define-tool.ts';
import { listRows } from './support/list-rows.ts';
import { storageRows } from './support/storage-rows.ts';

const SORTS = ['storage', 'type', 'status', 'total_gib', 'used_percent'] as const;

export const listStorage = defineTool({
  name: 'list_storage',
  title: 'List storage',
  description:
    'Lists storages with type, status, content and how full they are. A shared storage is one row; a local one has a row for ' +
    'each node. Example: {"sort":"used_percent","order":"desc","limit":5}.',
  input: {
    node: text('Only storages usable on this node.'),
    type: text('PVE type, such as dir, zfspool, nfs, rbd.'),
    content: choice(
      ['images', 'rootdir', 'iso', 'vztmpl', 'backup', 'snippets', 'import'],
      'Only storages for this content.',
    ),
    shared: flag('true: only shared ones; false: only local ones.'),
    ...listArguments(SORTS),
  },
  output: {
    storage: rowsOutput('storage, type, node or shared, status, content, total_gib, used_percent.'),
    ...paging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'storage'],
  example: { sort: 'used_percent', order: 'desc' },
  handler: async (input, { store }) => {
    const [storages, onNodes, nodes, commit] = await Promise.all([
      store.storages(),
      store.nodeStorages(),
      store.nodes(),
      store.lastCommit(),
    ]);
    const rows = storages
      .filter(
        storage =>
          (input.type === undefined || storage.type === input.type) &&
          (input.content === undefined || storage.contentTypes.includes(input.content)) &&
          (input.shared === undefined || storage.shared === input.shared),
      )
      .flatMap(storage =>
        storageRows(
          storage,
          onNodes.filter(row => row.storageId === storage.id),
          nodes,
          input.node,
        ),
      );
    const { rows: page, ...list } = listRows(
      rows,
      { ...input, sort: input.sort ?? 'storage', id: 'node' },
      commit?.seq ?? 0,
    );
    return { storage: page, ...list };
  },
});
