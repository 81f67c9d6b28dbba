import * as z from 'zod';
import { listGuests } from '../src/answers/guests/list.ts';
import { GROUP_COLUMNS, GUEST_COLUMNS, guestListArguments } from '../src/answers/guests/list-input.ts';
import { needsOf } from '../src/answers/guests/needs.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** Available as a command and a resource; models use list_guests, which covers both types. */
export const listContainers = defineTool({
  name: 'list_containers',
  title: 'List containers',
  description:
    'Lists LXC containers with node, status, size and tags. For virtual machines use list_vms, for both list_guests. ' +
    'Example: {"node":"pve1","status":"stopped"}.',
  unlisted: true,
  input: guestListArguments,
  output: {
    containers: rowsInstead(GUEST_COLUMNS),
    groups: rowsInstead(GROUP_COLUMNS),
    at: z.string().optional(),
    history_starts_at: z.string().optional(),
  },
  annotations: READ_ONLY,
  needs: needsOf(['container']),
  example: { node: 'pve1' },
  handler: async (input, context) => {
    const { rows, ...list } = await listGuests(['container'], input, context);
    return { [input.group?.length ? 'groups' : 'containers']: rows, ...list };
  },
});
