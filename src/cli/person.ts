import type { Answer, PersonAsked } from '../mcp/define/applying.ts';
import type { Output } from './host.ts';
import { bold } from './render/style.ts';
import type { Terminal } from './terminal.ts';

/** How long a person may take before the answer counts as no (ms). */
const ANSWER_WITHIN_MS = 60_000;

/**
 * The person at the terminal, who reads the whole plan and types its id. Undefined if nobody is there, or if the text would not
 * be shown there.
 */
export function personAt(terminal: Terminal | null, output: Pick<Output, 'note'>): PersonAsked | undefined {
  if (terminal === null || !terminal.seen) return undefined;
  return {
    how: 'terminal',
    ask: async ({ plan, text }): Promise<Answer> => {
      output.note(`\n${text}\n\n`);
      const question = `Type ${bold(plan)} to approve all of this; anything else refuses it: `;
      const typed = await terminal.askWithin(question, ANSWER_WITHIN_MS);
      if (typed === null) return 'silence';
      return typed.toLowerCase() === plan ? 'yes' : 'no';
    },
  };
}
