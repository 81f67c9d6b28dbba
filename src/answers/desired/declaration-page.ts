import { selectorId } from '../../desired/selector.ts';
import { type Arguments, decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, Selector } from '../../model/declaration.ts';
import { hints } from '../format/hints.ts';
import { DEFAULT_LIMIT, fitPage, fitRows } from '../format/page.ts';
import { exceptionRow, ruleRow } from './declaration-facts.ts';
import { matchesOf } from './declare.ts';
import type { InForce } from './in-force.ts';
import { presentSubjects } from './subjects.ts';

/** Which page of the rules is asked for. */
export interface PageInput extends Arguments {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** The rules to show: those of a selector (all if it is empty) or with these ids, with notes about them. */
export interface Shown {
  content: Declaration;
  of: Selector | ReadonlySet<string>;
  notes: (string | undefined)[];
  /** Room for them if the answer has other parts (bytes). */
  bytesAtMost?: number;
}

/** A page of rules, each with how many resources it matches now; exceptions for the same selectors follow the last rule. */
export async function declarationPage(
  inForce: InForce,
  { content: { rules, exceptions }, of, notes, bytesAtMost }: Shown,
  input: PageInput,
  { store, now, timeZone }: Pick<ToolContext, 'store' | 'now' | 'timeZone'>,
) {
  const ids =
    of instanceof Set ? of : Object.keys(of).length === 0 ? null : new Set([selectorId(of as Selector)]);
  const wanted = rules.filter(rule => ids === null || ids.has(rule.id));
  const excepted = exceptions.filter(one => ids === null || ids.has(selectorId(one.match)));
  const offset = input.cursor === undefined ? 0 : decodeCursor(input.cursor).offset;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const subjects = await presentSubjects(store);
  const all = [
    ...wanted.map(rule => () => ruleRow(rule, matchesOf(rule.match, subjects))),
    ...excepted.map(one => () => exceptionRow(one, { now, timeZone })),
  ];
  const shown = all.slice(offset, offset + limit).map(row => row());
  const page = fitPage(fitRows(shown, bytesAtMost), { offset, total: all.length, limit });
  const ruled = Math.max(0, Math.min(page.rows.length, wanted.length - offset));
  const [rows, others] = [page.rows.slice(0, ruled), page.rows.slice(ruled)];
  const idle = rows.filter(row => row['matches'] === 0).map(row => row['id']);
  const number = inForce.revision?.number ?? 0;
  return {
    revision: number,
    rules: rows,
    ...(others.length > 0 && { exceptions: others }),
    total: wanted.length,
    ...(page.nextOffset !== null && {
      next_cursor: encodeCursor({ seq: 0, offset: page.nextOffset, pins: [number] }, input),
    }),
    ...hints(
      ...notes,
      inForce.fault,
      page.nextOffset !== null && excepted.length > others.length && 'Exceptions come after the last rule.',
      idle.length > 0 && `Nothing fits ${idle.slice(0, 3).join(', ')} at present.`,
      inForce.revision === null && 'Nothing is declared yet.',
    ),
  };
}
