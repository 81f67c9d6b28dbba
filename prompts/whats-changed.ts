import { definePrompt } from '../src/mcp/define/prompt.ts';

/** By default it continues where the last comparison ended, so that asking daily repeats nothing. */
export const whatsChanged = definePrompt({
  name: 'whats_changed',
  title: 'What changed?',
  description: 'What is different in the cluster since a moment, who did it, and what nobody accounts for.',
  arguments: [
    {
      name: 'since',
      description: 'A moment: last (default), 24h, 7d, "yesterday 18:00", a date.',
      required: false,
      complete: ['last', '24h', '7d', 'yesterday 18:00', 'today', 'last night', 'monday', 'last week'],
    },
    {
      name: 'resource',
      description: 'Only this resource, such as vm/101. Default: everything.',
      required: false,
      complete: 'resources',
    },
  ],
  text: ({ since = 'last', resource }) =>
    [
      `What changed in my Proxmox cluster since "${since}"${resource ? ` on "${resource}"` : ''}?`,
      '',
      `1. Call diff_state ${JSON.stringify({ from: since, ...(resource && { resource }) })} and follow next_cursor to the end.`,
      '2. Where a change looks odd or lacks causes, look at show_history of that resource around its window.',
      '3. Report, the weightiest first: deleted and created, then stopped, moved, reconfigured. For each: what, when (the window, if it is wide), who, by which task. Sum up what is alike.',
      '4. Name apart: changes without a cause, failed tasks, and what could not be seen (stale, unseen, history_starts_at).',
      'Say so plainly if nothing changed.',
    ].join('\n'),
});
