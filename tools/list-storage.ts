import * as z from 'zod';
import { listStorages, storageListArguments } from '../src/answers/storage/list.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** A local storage has a row per node, since each has its own size; a shared one is counted once. */
export const listStorage = defineTool({
  name: 'list_storage',
  title: 'List storage',
  description:
    'Lists storages with type, status, content and fullness: shared ones once, local ones per node. ' +
    'Example: {"sort":"used_percent","order":"desc"}.',
  input: storageListArguments,
  output: {
    storage: rowsInstead(
      'storage, type, node or shared, status, unseen_from, content, total_gib, used_percent, last_total_gib, last_used_percent, unconfirmed.',
    ),
    groups: rowsInstead('Keys, storages, total_gib, used_gib, sizes_unknown.'),
    at: z.string().optional(),
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'storage'],
  example: { sort: 'used_percent', order: 'desc' },
  handler: async (input, context) => {
    const { rows, ...list } = await listStorages(input, context);
    return { [input.group?.length ? 'groups' : 'storage']: rows, ...list };
  },
});
