import * as z from 'zod';
import { linesToAdd } from '../src/answers/desired/declaration-facts.ts';
import { declarationPage } from '../src/answers/desired/declaration-page.ts';
import { declare, isQuestion } from '../src/answers/desired/declare.ts';
import { declarationInForce } from '../src/answers/desired/in-force.ts';
import { selectorOf } from '../src/answers/desired/selectors.ts';
import { fitRows } from '../src/answers/format/page.ts';
import { cursorArgument, selectorArguments, text, texts, whole } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool } from '../src/mcp/define/tool.ts';

/** Space for the rules when lines for the declared file are returned as well (bytes). */
const RULES_BESIDE_LINES = 5_000;
const LINES_AT_MOST = 11_000;

/** The only tool besides discovery that writes to the store: a revision. */
export const declareState = defineTool({
  name: 'declare_state',
  title: 'Declare',
  description:
    'Declares values that guests and storages should have; without arguments what is declared. Writes nothing to Proxmox; ' +
    'diff_state from "declared" compares. Example: {"tag":"prod","set":["onboot=1","tags+=web"]}.',
  input: {
    ...selectorArguments,
    set: texts('memory=8192, net0.tag=20, tags+=web, tags-=old, ide2= (absent).'),
    like: text('A moment whose values to take.'),
    fields: texts('Of like and remove.', /[,\s]+/),
    accept: texts('Accepted until: net0.tag=77, check=ide-disk.'),
    until: text('Its last day.'),
    owner: text('Of accept.'),
    why: text('Reason.'),
    remove: texts('true, fields or rule ids.', /\s*,\s*/),
    rollback_to: whole(1, 2_147_483_647, 'A revision.'),
    cursor: cursorArgument(),
  },
  // What all answers share is left out of the schema: the instructions describe it, and each name costs tokens in every
  // conversation.
  output: {
    revision: z.int(),
    rules: rowsOutput('id, match, fields, matches.'),
    exceptions: rowsOutput('match, field, value, owner, until, why.').optional(),
    file_lines: z.array(z.string()).optional(),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needs: input => (input.like === undefined ? ['inventory'] : ['inventory', 'config', 'storage']),
  fresh: ({ like }) => like !== undefined,
  example: { tag: 'prod', set: ['onboot=1', 'tags+=web'] },
  handler: async (input, context) => {
    if (isQuestion(input)) {
      const { match, note } = await selectorOf(input, context);
      const inForce = await declarationInForce(context);
      return declarationPage(
        inForce,
        { content: inForce.declaration, of: match, notes: [note] },
        input,
        context,
      );
    }
    const { inForce, content, touched, written, notes } = await declare(input, context);
    const file = context.declaring.file;
    const lines = file === null || written ? null : linesToAdd(content, touched, context.timeZone);
    const toAdd =
      lines !== null && lines.length > 0 ? `Put file_lines into ${file!.name}: it rules.` : undefined;
    const said = [...notes, lines === null ? undefined : toAdd];
    return {
      ...(await declarationPage(
        inForce,
        {
          content: written ? inForce.declaration : content,
          of: touched,
          notes: said,
          ...(lines !== null && { bytesAtMost: RULES_BESIDE_LINES }),
        },
        input,
        context,
      )),
      ...(lines !== null && fileLines(lines)),
    };
  },
});

/** Lines for the declared file as far as they fit; the rest is counted, and can be had with a narrower selector. */
function fileLines(lines: readonly string[]) {
  const shown = fitRows([...lines], LINES_AT_MOST);
  const left = lines.length - shown.length;
  return { file_lines: shown, ...(left > 0 && { more_file_lines: left }) };
}
