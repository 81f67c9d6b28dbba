import { clusterStatus } from '../src/answers/cluster/status.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

/** The same facts as get_cluster_status, for hosts that attach resources to a conversation. */
export const clusterResource = defineResource({
  uri: 'proxmox://cluster',
  name: 'cluster',
  title: 'Cluster',
  description: 'The cluster at a glance: quorum, nodes and guests by status, totals, what needs attention.',
  needs: ['inventory', 'tasks', 'storage', 'datacenter', 'details'],
  read: (_variables, context) => clusterStatus(context),
  changedBy: keys => keys.length > 0,
});
