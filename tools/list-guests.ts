import * as z from 'zod';
import { listGuests as answer } from '../src/answers/guests/list.ts';
import { anyGuestListArguments, GROUP_COLUMNS, GUEST_COLUMNS } from '../src/answers/guests/list-input.ts';
import { needsOf } from '../src/answers/guests/needs.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { GUEST_TYPES, type GuestType } from '../src/model/resource.ts';

/** Most questions are about VMs and containers alike. */
export const listGuests = defineTool({
  name: 'list_guests',
  title: 'List guests',
  description:
    'Lists VMs and containers, now or at a moment. where compares any field, configuration and defaults included; ' +
    'show adds columns, group sums. Example: {"where":["onboot=1"],"show":["startup","nic.bridge"]} or ' +
    '{"where":["status=running"],"group":["node","tag"]}.',
  input: anyGuestListArguments,
  output: {
    guests: rowsInstead(`resource, ${GUEST_COLUMNS}`),
    groups: rowsInstead(GROUP_COLUMNS),
    at: z.string().optional(),
  },
  annotations: READ_ONLY,
  needs: input => needsOf(typesOf(input))(input),
  example: { where: ['onboot=1'], show: ['startup'] },
  handler: async (input, context) => {
    const { rows, ...list } = await answer(typesOf(input), input, context, { named: true });
    return { [input.group?.length ? 'groups' : 'guests']: rows, ...list };
  },
});

function typesOf({ type }: { type?: GuestType | undefined }): readonly GuestType[] {
  return type === undefined ? GUEST_TYPES : [type];
}
