import { type Bound, bindConditions } from '../where/bind.ts';
import type { Clock } from '../where/compare.ts';
import type { FieldBook } from '../where/field.ts';
import { parseConditions } from '../where/grammar.ts';
import { comparedIn, whyNone } from '../where/none.ts';
import type { Question } from '../where/question.ts';
import type { GuestFacts } from './sources.ts';

type Where = readonly Bound<GuestFacts>[];

/** What guests are chosen with. */
interface Choosing {
  book: FieldBook<GuestFacts>;
  clock: Clock;
  /** All guests that meet these conditions and the other filters, with all values of these fields. */
  select: (where: Where, fields?: readonly string[]) => Promise<readonly GuestFacts[]>;
}

/** Hints for conditions: why nothing meets them, which guests have no backup that could be old, and what a name does not mean. */
export async function whereHints(
  { where, show, group }: Pick<Question<GuestFacts>, 'where' | 'show' | 'group'>,
  total: number,
  { book, clock, select }: Choosing,
): Promise<string[]> {
  const compared = where.flatMap(({ condition }) => comparedIn(condition));
  const notes =
    total === 0 && where.length > 0 ? whyNone(where, await select([], compared), book, clock.timeZone) : [];
  if (where.some(isOld)) {
    const none = bindConditions(parseConditions('last_backup='), book, clock);
    const never = (await select([...where.filter(one => !isOld(one)), ...none])).length;
    if (never > 0) notes.push(`${never} more have no backup that is known: last_backup= lists them.`);
  }
  const named = [
    ...where.map(one => one.condition.field),
    ...[...show, ...(group ?? [])].map(one => one.name),
  ];
  if (named.includes('autostart'))
    notes.push('Proxmox ignores autostart: what starts with its node has onboot=1.');
  return notes;
}

/** Whether backups older than something are asked for, which probably also means guests without any. */
function isOld({ condition: { not, field, comparison } }: Where[number]): boolean {
  return !not && /^last_backup/i.test(field) && /^>/.test(comparison?.operator ?? '');
}
