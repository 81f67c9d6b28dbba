import { definePrompt } from '../src/mcp/define/prompt.ts';

/** Which node or storage is full first, and whether the rest could carry the fullest node. */
export const capacityReport = definePrompt({
  name: 'capacity_report',
  title: 'Capacity report',
  description: 'How full the cluster is, what is promised to guests, and whether a node may fail.',
  arguments: [
    {
      name: 'node',
      description: 'Only this node. Default: all.',
      required: false,
      complete: 'nodes',
    },
  ],
  text: ({ node }) =>
    [
      `How much room is left in my Proxmox cluster${node ? ` on "${node}"` : ''}?`,
      '',
      '1. list_nodes: cpus and memory, their use, and what is allocated to running guests.',
      '2. list_storage {"sort":"used_percent","order":"desc"}: space, shared storages counted once.',
      '3. list_vms {"status":"running","sort":"memory","order":"desc","limit":10,"detail":"full"} and the same of list_containers: who takes most, and who uses least of it.',
      '4. diff_state {"from":"7d"}: what came and went lately.',
      'Report a table per node (cpu, memory, allocated, storage), whether the guests of the fullest node would fit on the others if it failed, the tightest storage, guests that are much too large, and what to do first. Usage is a moment, not a trend: say so.',
    ].join('\n'),
});
