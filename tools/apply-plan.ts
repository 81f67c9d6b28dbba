import * as z from 'zod';
import { applyFacts, refusedOff } from '../src/answers/desired/apply-facts.ts';
import { planCalled } from '../src/answers/desired/make-plan.ts';
import { requiredText, text } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool } from '../src/mcp/define/tool.ts';

/** The only tool that writes to Proxmox. Listed only if a token for writing is configured. */
export const applyPlan = defineTool({
  name: 'apply_plan',
  title: 'Apply a plan',
  description:
    'Carries out a plan of plan_changes: writes to Proxmox, once, after a person approved its steps; nothing in a call approves. ' +
    'Stops at what fails. Only where the user asked for that change themselves. ' +
    'Example: {"plan":"p-7f3k9","why":"alice asked for it"}.',
  input: { plan: requiredText('Its id.'), why: text('Who wants it, what for.') },
  output: {
    plan: z.string(),
    outcome: z.string().describe('done, partial, failed, refused.'),
    steps: rowsOutput(
      'resource, path, outcome (verified, pending, failed, unknown, reverted, not_sent), error.',
    ),
    undo: z.string().optional().describe('How to take it back.'),
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  needs: [],
  example: { plan: 'p-7f3k9', why: 'alice asked for it' },
  handler: async ({ plan: called, why }, context) => {
    const { id } = await planCalled(called, context);
    if (context.applying === undefined) return applyFacts(refusedOff(id));
    return applyFacts(await context.applying.apply({ plan: id, why: why ?? null }));
  },
});
