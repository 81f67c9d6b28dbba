import * as z from 'zod';
import { clusterStatus } from '../src/answers/cluster-status.ts';
import { readArguments } from '../src/mcp/define/input.ts';
import { objectOutput, provenance, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** Where a conversation starts: what `attention` names, the other tools explain. */
export const getClusterStatus = defineTool({
  name: 'get_cluster_status',
  title: 'Cluster status',
  description:
    'The cluster at a glance: quorum, nodes and guests by status, totals of cpu, memory and storage, running and failed tasks, and ' +
    'what needs attention. Start here. For changes diff_state. Example: {}.',
  input: readArguments,
  output: {
    name: z.string(),
    quorate: z.boolean().optional(),
    versions: z.array(z.string()).optional(),
    nodes: objectOutput('By status.'),
    vms: objectOutput('By status, templates apart.'),
    containers: objectOutput('The same.'),
    totals: objectOutput('cpus, cpu_percent, memory_gib, memory_percent, storage_gib, storage_percent.'),
    tasks: objectOutput('running, failed_24h.'),
    attention: rowsOutput('what, why.'),
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'tasks', 'storage', 'details'],
  example: {},
  handler: ({ detail }, context) => clusterStatus(context, { full: detail === 'full' }),
});
