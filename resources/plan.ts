import { approveText } from '../src/answers/desired/approve-text.ts';
import { planCalled } from '../src/answers/desired/make-plan.ts';
import { planFacts } from '../src/answers/desired/plan-facts.ts';
import { becameOf } from '../src/answers/desired/plan-history.ts';
import { formatTime } from '../src/history/moment.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

/** A plan as it was made, its events, and the result of each step. */
export const planResource = defineResource({
  uri: 'proxmox://plans/{plan}',
  name: 'plan',
  title: 'A plan',
  description: 'The steps of one plan and what became of each, what it left out, who approved or refused it.',
  needs: [],
  read: async ({ plan: id = '' }, context) => {
    const { timeZone, now } = context;
    const plan = await planCalled(id, context);
    const approve = approveText(plan.id, context.applying, null);
    const { results, events } = await becameOf(plan, context);
    const shown = { commands: [], approve, offset: 0, timeZone, now, results };
    const { next_cursor: _, ...facts } = planFacts(plan, shown);
    return {
      ...facts,
      made_for: plan.asker,
      revision: plan.revision === 0 ? null : plan.revision,
      ...(plan.usedAt !== null && { used_at: formatTime(plan.usedAt, timeZone) }),
      ...(plan.outcome !== null && { outcome: plan.outcome }),
      events,
    };
  },
});
