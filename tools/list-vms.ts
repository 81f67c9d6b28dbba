import * as z from 'zod';
import { listGuests } from '../src/answers/guests/list.ts';
import { guestListArguments } from '../src/answers/guests/list-input.ts';
import { needsOf } from '../src/answers/guests/needs.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** The store filters and sorts the present where it can; conditions on history or configurations are evaluated here. */
export const listVms = defineTool({
  name: 'list_vms',
  title: 'List virtual machines',
  description:
    'Lists QEMU virtual machines alone; otherwise as list_guests, now or at a moment. ' +
    'Example: {"status":"running","tag":"prod","sort":"memory","order":"desc","limit":10}.',
  input: guestListArguments,
  output: {
    vms: rowsInstead('As in list_guests, without resource.'),
    groups: rowsInstead('As there.'),
    at: z.string().optional(),
  },
  annotations: READ_ONLY,
  needs: needsOf(['vm']),
  example: { status: 'running', limit: 10 },
  handler: async (input, context) => {
    const { rows, ...list } = await listGuests(['vm'], input, context);
    return { [input.group?.length ? 'groups' : 'vms']: rows, ...list };
  },
});
