import { approveText } from '../src/answers/desired/approve-text.ts';
import { planCalled } from '../src/answers/desired/make-plan.ts';
import { planFacts } from '../src/answers/desired/plan-facts.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

/** A plan as it was made: its steps do not change, and what they rest on may. */
export const planResource = defineResource({
  uri: 'proxmox://plans/{plan}',
  name: 'plan',
  title: 'A plan',
  description: 'The steps of one plan, what it left out, and until when it holds.',
  needs: [],
  read: async ({ plan: id = '' }, context) => {
    const { timeZone, now } = context;
    const plan = await planCalled(id, context);
    const approve = approveText(plan.id, context.applying, null);
    const { next_cursor: _, ...facts } = planFacts(plan, { commands: [], approve, offset: 0, timeZone, now });
    return { ...facts, made_for: plan.asker, revision: plan.revision === 0 ? null : plan.revision };
  },
});
