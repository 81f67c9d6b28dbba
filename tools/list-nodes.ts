import * as z from 'zod';
import { listNodes as answer, nodeListArguments } from '../src/answers/nodes/list.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** Allocations are the sums of the guests' sizes. */
export const listNodes = defineTool({
  name: 'list_nodes',
  title: 'List nodes',
  description:
    'Lists nodes with status, load, allocations to guests, uptime and version. ' +
    'Example: {"sort":"memory_percent","order":"desc"}.',
  input: nodeListArguments,
  output: {
    nodes: rowsInstead(
      'node, status, cpus, cpu_percent, memory_gib, memory_percent, allocated_cpus, allocated_memory_gib, uptime_seconds, version, guests, unseen_guests, unconfirmed.',
    ),
    groups: rowsInstead('Keys, nodes, online, cpus, memory_gib, guests.'),
    at: z.string().optional(),
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'details'],
  example: {},
  handler: async (input, context) => {
    const { rows, ...list } = await answer(input, context);
    return { [input.group?.length ? 'groups' : 'nodes']: rows, ...list };
  },
});
