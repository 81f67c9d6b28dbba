import { definePrompt } from '../src/mcp/define/prompt.ts';

/** Which node or storage fills up first, and whether the others could carry the fullest node. */
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
      `1. list_nodes {"detail":"full"}: cpus and memory, their use, and what is allocated to running guests.`,
      `2. check_health ${JSON.stringify(node ? { if_down: node } : { severity: 'info' })}: memory promised beyond what there is, whether the rest could take a node's guests, storages that fill up and the day they will be full.`,
      `3. show_usage ${JSON.stringify({ resource: node ? `node/${node}` : 'cluster', timeframe: 'month' })} and {"top":10,"metric":"storage"}: how cpu, memory and storages moved over a month. until_full has a date, its spread, or why there is none; invent none.`,
      'Report a table per node (cpu, memory, allocated, storage), whether the guests of the fullest node would fit on the others if it failed, the tightest storage and when it will be full, and what to do first. Give dates with their spread (earliest to latest), and say where none can be told.',
    ].join('\n'),
});
