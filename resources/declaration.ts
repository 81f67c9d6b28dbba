import { exceptionRow, revisionRow, ruleRow } from '../src/answers/desired/declaration-facts.ts';
import { declarationInForce } from '../src/answers/desired/in-force.ts';
import { fitRows } from '../src/answers/format/page.ts';
import { clusterText } from '../src/answers/format/text.ts';
import { UsageError } from '../src/errors.ts';
import { defineResource } from '../src/mcp/define/resource.ts';
import type { ToolContext } from '../src/mcp/define/tool.ts';
import type { RevisionEntity } from '../src/model/declaration.ts';

const REVISIONS_OFFERED = 20;
const RULES_BYTES_AT_MOST = 12_000;
const EXCEPTIONS_BYTES_AT_MOST = 4_000;

/** The declaration in force. */
export const declarationResource = defineResource({
  uri: 'proxmox://declaration',
  name: 'declaration',
  title: 'What is declared',
  description: 'The rules and exceptions in force.',
  needs: [],
  read: async (_, context) => {
    const { revision, fault } = await declarationInForce(context);
    if (revision === null)
      return { revision: 0, rules: [], exceptions: [], hint: fault ?? 'Nothing is declared yet.' };
    return { ...revisionFacts(revision, context), ...(fault !== undefined && { hint: fault }) };
  },
});

/** The declaration of one revision. */
export const revisionResource = defineResource({
  uri: 'proxmox://declaration/{revision}',
  name: 'revision',
  title: 'A revision of what is declared',
  description: 'Rules and exceptions of one revision, who declared it, when and why.',
  needs: [],
  read: async ({ revision: number = '' }, context) => {
    const revision = /^[1-9]\d{0,8}$/.test(number) ? await context.store.revision(Number(number)) : null;
    if (revision === null)
      throw new UsageError(`There is no revision ${clusterText(number, 40)}.`, {
        hint: 'proxmox://declaration has the one in force.',
      });
    return revisionFacts(revision, context);
  },
  complete: async (_variable, typed, { store }) => {
    const last = (await store.declaration())?.number ?? 0;
    return Array.from({ length: Math.min(REVISIONS_OFFERED, last) }, (_, back) => String(last - back)).filter(
      one => one.startsWith(typed),
    );
  },
});

function revisionFacts(revision: RevisionEntity, { now, timeZone }: Pick<ToolContext, 'now' | 'timeZone'>) {
  const { rules, exceptions } = revision.content;
  const shown = fitRows(
    rules.map(rule => ruleRow(rule)),
    RULES_BYTES_AT_MOST,
  );
  const accepted = fitRows(
    exceptions.map(one => exceptionRow(one, { now, timeZone })),
    EXCEPTIONS_BYTES_AT_MOST,
  );
  return {
    ...revisionRow(revision, timeZone),
    rules: shown,
    exceptions: accepted,
    ...(rules.length > shown.length && { more_rules: rules.length - shown.length }),
    ...(exceptions.length > accepted.length && { more_exceptions: exceptions.length - accepted.length }),
  };
}
