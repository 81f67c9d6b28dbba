import { definePrompt } from '../src/mcp/define/prompt.ts';

/** A round through whatever can be wrong, for people who have no question yet. */
export const healthReview = definePrompt({
  name: 'health_review',
  title: 'Health review',
  description: 'What is wrong or about to be: nodes, guests, storages, failed tasks, backups.',
  arguments: [
    {
      name: 'since',
      description: 'How far back failed tasks count. Default 7d.',
      required: false,
      complete: ['24h', '7d', '30d'],
    },
  ],
  text: ({ since = '7d' }) =>
    [
      'Review the health of my Proxmox cluster.',
      '',
      '1. get_cluster_status {"detail":"full"}: quorum, what needs attention, guests without a backup, what is stale or unseen.',
      '2. list_nodes and list_storage {"sort":"used_percent","order":"desc"}: load, memory, space.',
      `3. list_tasks ${JSON.stringify({ result: 'error', since })}; read the log (get_task) of what failed more than once.`,
      `4. list_tasks ${JSON.stringify({ type: 'backup', since })}: which backups failed, and when the last ones ran.`,
      '5. find_resources {"query":"snapshots"}: those that were forgotten.',
      '6. diff_state {"from":"24h"}: what changed lately that may explain it.',
      'Report by urgency: now, this week, keep an eye on. For each: the fact with its time, why it matters, what to do. Say which parts could not be seen, and say so if all is well.',
    ].join('\n'),
});
