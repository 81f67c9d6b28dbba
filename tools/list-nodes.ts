import { listRows, unseenTotal } from '../src/answers/format/list-rows.ts';
import { nodesAt } from '../src/answers/guests/past-lists.ts';
import { nodeSights } from '../src/answers/in-sight.ts';
import { nodeRow, nodeStatus } from '../src/answers/nodes/rows.ts';
import { decodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, listArguments } from '../src/mcp/define/input.ts';
import { paging, provenance, rowsOutput, unseenPaging } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { NODE_STATUSES } from '../src/model/status.ts';

const SORTS = ['node', 'status', 'cpu_percent', 'memory_percent', 'uptime_seconds', 'guests'] as const;

/**
 * What is allocated is summed up from the guests' sizes; later pages take the nodes from history, as they were at the
 * first.
 */
export const listNodes = defineTool({
  name: 'list_nodes',
  title: 'List nodes',
  description:
    'Lists the cluster nodes with status, load, what is allocated to guests, uptime and Proxmox VE version. ' +
    'For totals of the cluster use get_cluster_status. Example: {"sort":"memory_percent","order":"desc"}.',
  input: {
    status: choice(NODE_STATUSES, 'Only in this status; unknown: nobody can judge it now.'),
    ...listArguments(SORTS),
  },
  output: {
    nodes: rowsOutput(
      'node, status, cpus, cpu_percent, memory_gib, memory_percent, allocated_cpus, allocated_memory_gib, uptime_seconds, version, guests, unseen_guests.',
    ),
    ...paging,
    ...unseenPaging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'details'],
  example: {},
  handler: async (input, { store, timeZone }) => {
    const seq =
      input.cursor === undefined ? ((await store.lastCommit())?.seq ?? 0) : decodeCursor(input.cursor).seq;
    const [nodes, vms, containers] = await Promise.all([
      input.cursor === undefined ? store.nodes() : nodesAt(store, seq),
      store.guestGroups('vm'),
      store.guestGroups('container'),
    ]);
    const sights = await nodeSights(store, nodes);
    const guests = Map.groupBy([...vms, ...containers], group => group.nodeId);
    const rows = nodes
      .filter(node => input.status === undefined || nodeStatus(node, sights) === input.status)
      .map(node => nodeRow(node, guests.get(node.id) ?? [], { nodes: sights, timeZone }));
    const sorted = { ...input, sort: input.sort ?? 'node' };
    const { rows: page, ...list } = listRows(rows, sorted, { seq, id: 'node' });
    const none =
      nodes.length > 0 && list.total === 0 && `None of the ${nodes.length} nodes is ${input.status}.`;
    return { nodes: page, ...list, ...unseenTotal(rows), ...(none && { hint: none }) };
  },
});
