import * as z from 'zod';
import { GUEST_COLUMNS, guestListArguments, listGuests } from '../src/answers/guests/list.ts';
import { paging, provenance, rowsOutput, unseenPaging } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** The store filters and sorts the present; what needs history (`at`, pages after a change) is looked through here. */
export const listVms = defineTool({
  name: 'list_vms',
  title: 'List virtual machines',
  description:
    'Lists QEMU virtual machines with node, status, size and tags; filters and sorts here, so ask for just what you need. ' +
    'Use at to see the list as it was. For LXC containers use list_containers; for what changed use diff_state. ' +
    'Example: {"status":"running","tag":"prod","sort":"memory","order":"desc","limit":10}.',
  input: guestListArguments,
  output: {
    vms: rowsOutput(GUEST_COLUMNS),
    at: z.string().optional(),
    history_starts_at: z.string().optional(),
    ...paging,
    ...unseenPaging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory'],
  example: { status: 'running', limit: 10 },
  handler: async (input, context) => {
    const { rows, ...list } = await listGuests('vm', input, context);
    return { vms: rows, ...list };
  },
});
