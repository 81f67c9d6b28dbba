import { isDeepStrictEqual } from 'node:util';
import { shortPath } from '../../desired/fields.ts';
import { selectorId } from '../../desired/selector.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, RevisionEntity } from '../../model/declaration.ts';
import { clusterText } from '../format/text.ts';
import { revisionRow } from './declaration-facts.ts';

const NAMED_AT_MOST = 10;

/** A revision in history: when, who, why, and how it differs from the one before. */
export async function declaredRow(
  revision: RevisionEntity,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Row> {
  const before = revision.number > 1 ? await store.revision(revision.number - 1) : null;
  return {
    change: 'declared',
    ...revisionRow(revision, timeZone),
    ...revisionChanges(revision.content, before?.content ?? { rules: [], exceptions: [] }),
  };
}

const acceptedId = ({ match, path }: Declaration['exceptions'][number]) =>
  `${selectorId(match)} ${shortPath(path)}`;

/** What is new or different in a declaration, and what is gone: rules by id, exceptions by what they accept. */
function revisionChanges(now: Declaration, before: Declaration): Row {
  return {
    declared: other(now.rules, before.rules, rule => rule.id),
    no_longer: gone(now.rules, before.rules, rule => rule.id),
    accepted: other(now.exceptions, before.exceptions, acceptedId),
    no_longer_accepted: gone(now.exceptions, before.exceptions, acceptedId),
  };
}

function other<T>(now: readonly T[], before: readonly T[], idOf: (one: T) => string): string[] | null {
  const known = new Map(before.map(one => [idOf(one), one]));
  return named(now.filter(one => !isDeepStrictEqual(known.get(idOf(one)), one)).map(idOf));
}

function gone<T>(now: readonly T[], before: readonly T[], idOf: (one: T) => string): string[] | null {
  const left = new Set(now.map(idOf));
  return named(before.map(idOf).filter(id => !left.has(id)));
}

function named(ids: readonly string[]): string[] | null {
  if (ids.length === 0) return null;
  const shown = ids.slice(0, NAMED_AT_MOST).map(id => clusterText(id, 120));
  return ids.length > shown.length ? [...shown, `and ${ids.length - shown.length} more`] : shown;
}
