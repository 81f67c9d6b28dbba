import { definePrompt } from '../src/mcp/define/prompt.ts';

/** From a symptom to its most likely cause, with facts and guesses kept apart. */
export const investigateResource = definePrompt({
  name: 'investigate_resource',
  title: 'Investigate a resource',
  description: 'What happened to one VM, container, node or storage, step by step, and the likeliest reason.',
  arguments: [
    {
      name: 'resource',
      description: 'vm/101, 101, a name, node/pve1 or storage/local.',
      required: true,
      complete: 'resources',
    },
    { name: 'problem', description: 'What is wrong, in your words.', required: false },
    {
      name: 'since',
      description: 'When it was still well. Default 7d.',
      required: false,
      complete: ['24h', '7d', '30d', 'yesterday 18:00', 'monday', 'last week'],
    },
  ],
  text: ({ resource = '', problem, since = '7d' }) =>
    [
      `Investigate "${resource}" in my Proxmox cluster.${problem ? ` What I see: "${problem}".` : ''}`,
      '',
      `1. get_resource ${JSON.stringify({ resource })}: how it stands, what waits for a restart, its latest tasks.`,
      `2. show_history ${JSON.stringify({ resource, since })}: every change and task in order. Follow next_cursor if it matters.`,
      '3. get_task for tasks that failed: the end of the log says why. Look at its node (get_resource) and its storages (list_storage) too.',
      '4. Compare with how it was when it was well: get_resource with at.',
      'Report a timeline (time, what, who), the likeliest reason with the facts it rests on, what speaks against it, and what to check next. Tell facts from guesses, and say what could not be seen.',
    ].join('\n'),
});
