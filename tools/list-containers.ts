import * as z from 'zod';
import { GUEST_COLUMNS, guestListArguments, listGuests } from '../src/answers/guests/list.ts';
import { paging, provenance, rowsOutput, unseenPaging } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** The same as `listVms` for the other type: models ask for either by its name. */
export const listContainers = defineTool({
  name: 'list_containers',
  title: 'List containers',
  description:
    'Lists LXC containers with node, status, size and tags; filters and sorts here, so ask for just what you need. ' +
    'Use at to see the list as it was. For virtual machines use list_vms. Example: {"node":"pve1","status":"stopped"}.',
  input: guestListArguments,
  output: {
    containers: rowsOutput(GUEST_COLUMNS),
    at: z.string().optional(),
    history_starts_at: z.string().optional(),
    ...paging,
    ...unseenPaging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory'],
  example: { node: 'pve1' },
  handler: async (input, context) => {
    const { rows, ...list } = await listGuests('container', input, context);
    return { containers: rows, ...list };
  },
});
