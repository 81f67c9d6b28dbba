import * as z from 'zod';
import { clusterStatus } from '../src/answers/cluster/status.ts';
import { readArguments } from '../src/mcp/define/input.ts';
import { objectOutput, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';

/** The start of most conversations: other tools explain what `attention` lists. */
export const getClusterStatus = defineTool({
  name: 'get_cluster_status',
  title: 'Cluster status',
  description:
    'The cluster at a glance: quorum, nodes and guests by status, totals, tasks, next backups, and what needs attention. check_health says more; ' +
    'detail full names all guests without a backup. Start here. Example: {}.',
  input: readArguments,
  output: {
    name: z.string().optional(),
    quorate: z.boolean().optional(),
    versions: z.array(z.string()).optional(),
    nodes: objectOutput('total, and by status.'),
    vms: objectOutput('total, and by status; templates apart.'),
    containers: objectOutput('The same.'),
    totals: objectOutput('cpus, memory_gib, storage_gib, percents; left_out: not in the sums.'),
    tasks: objectOutput('running, failed_24h.'),
    backups: objectOutput('Jobs, next and last run.'),
    attention: rowsOutput('what, why, next.'),
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'tasks', 'storage', 'datacenter', 'details'],
  example: {},
  handler: ({ detail }, context) => clusterStatus(context, { full: detail === 'full' }),
});
