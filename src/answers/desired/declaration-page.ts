import { selectorId } from '../../desired/selector.ts';
import { type Arguments, decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, Selector } from '../../model/declaration.ts';
import { hints } from '../format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../format/page.ts';
import { exceptionRow, ruleRow } from './declaration-facts.ts';
import { matchesOf } from './declare.ts';
import type { InForce } from './in-force.ts';
import { presentSubjects } from './subjects.ts';

/** Which page of the rules is asked for. */
export interface PageInput extends Arguments {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** The rules to be shown: those of a selector (all where it is empty) or with these ids, and what is to be said of them. */
export interface Shown {
  content: Declaration;
  of: Selector | ReadonlySet<string>;
  notes: (string | undefined)[];
}

/** A page of rules with how many resources each is about now, and the exceptions for the same selectors. */
export async function declarationPage(
  inForce: InForce,
  { content: { rules, exceptions }, of, notes }: Shown,
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
  const rows = wanted
    .slice(offset, offset + limit)
    .map(rule => ruleRow(rule, matchesOf(rule.match, subjects)));
  const page = fitPage(rows, { offset, total: wanted.length, limit });
  const idle = rows.filter(row => row['matches'] === 0).map(row => row['id']);
  const number = inForce.revision?.number ?? 0;
  return {
    revision: number,
    rules: page.rows,
    ...(excepted.length > 0 && {
      exceptions: excepted.slice(0, 50).map(one => exceptionRow(one, { now, timeZone })),
    }),
    total: wanted.length,
    ...(page.nextOffset !== null && {
      next_cursor: encodeCursor({ seq: 0, offset: page.nextOffset, pins: [number] }, input),
    }),
    ...hints(
      ...notes,
      inForce.fault,
      idle.length > 0 && `Nothing fits ${idle.slice(0, 3).join(', ')} at present.`,
      inForce.revision === null && 'Nothing is declared yet.',
    ),
  };
}
