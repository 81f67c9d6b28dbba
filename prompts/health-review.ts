import { definePrompt } from '../src/mcp/define/prompt.ts';

/** A round of everything that can be wrong, for people who have no question yet. */
export const healthReview = definePrompt({
  name: 'health_review',
  title: 'Health review',
  description: 'What is wrong or about to be: nodes, guests, storages, failed tasks, backups.',
  arguments: [
    {
      name: 'since',
      description: 'How far back changes may explain a finding. Default 24h.',
      required: false,
      complete: ['24h', '7d', '30d'],
    },
  ],
  text: ({ since = '24h' }) =>
    [
      'Review the health of my Proxmox cluster.',
      '',
      '1. check_health {"limit":100}: every finding with its evidence, since when, and what to do; unseen says what could not be judged.',
      `2. diff_state ${JSON.stringify({ from: since })}: what changed lately that may explain it.`,
      'Report by urgency: now, this week, keep an eye on. For each: the fact with its time, why it matters, what to do. Say which parts could not be seen, and say so if all is well.',
    ].join('\n'),
});
