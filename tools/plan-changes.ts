import * as z from 'zod';
import { approveText } from '../src/answers/desired/approve-text.ts';
import { makePlan, planCalled } from '../src/answers/desired/make-plan.ts';
import { planFacts, planOfPin } from '../src/answers/desired/plan-facts.ts';
import { hints } from '../src/answers/format/hints.ts';
import { decodeCursor } from '../src/mcp/define/cursor.ts';
import { cursorArgument, flag, selectorArguments, text, texts } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool } from '../src/mcp/define/tool.ts';

/** Writes nothing to Proxmox; the plan itself is stored so that it can be approved by its id. */
export const planChanges = defineTool({
  name: 'plan_changes',
  title: 'Plan',
  description:
    'Plans how guests become as declared, as at a moment (to), or as set: steps with effects, what is left out and why, and ' +
    'commands. Writes nothing to Proxmox. Example: {"resource":"web01","to":"yesterday"}.',
  input: {
    ...selectorArguments,
    to: text('declared or a moment.'),
    set: texts('As in declare_state; status=stopped, node=pve2, snapshot+=x.'),
    undo: text('A plan carried out.'),
    fields: texts('Only these.', /[,\s]+/),
    restart: flag('May restart; alone: apply what is pending.'),
    cursor: cursorArgument(),
  },
  output: {
    plan: z.string().optional(),
    expires_at: z.string().optional(),
    steps: rowsOutput('resource, name, path, from, to, effect.'),
    left_out: rowsOutput('resource, path, why, command.'),
    approve: z.string().optional(),
    commands: z.array(z.string()).optional(),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  needs: ({ cursor }) => (cursor === undefined ? ['inventory', 'config', 'tasks', 'storage'] : []),
  fresh: ({ cursor }) => cursor === undefined,
  example: { resource: 'web01', to: 'yesterday' },
  handler: async ({ cursor, ...asked }, context) => {
    const { timeZone, now } = context;
    if (cursor !== undefined) {
      const { offset, pins } = decodeCursor(cursor);
      const plan = await planCalled(planOfPin(pins[0]), context);
      const approve = approveText(plan.id, context.applying, null);
      return planFacts(plan, { commands: [], approve, offset, timeZone, now, asked });
    }
    const { plan, commands, approve, notes } = await makePlan(asked, context);
    return { ...planFacts(plan, { commands, approve, offset: 0, timeZone, now, asked }), ...hints(...notes) };
  },
});
