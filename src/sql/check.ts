import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import type { Facet } from '../model/facet.ts';
import { type CheckedQuery, VIEW_NAMES, type ViewName } from '../model/query.ts';
import { quoted } from '../text/cluster-text.ts';
import { VIEWS, viewsWith } from './catalogue.ts';
import { columnNames } from './columns.ts';
import { comparedFlags } from './flags.ts';
import { COLUMN_INSTEAD, INSTEAD, VIEW_INSTEAD } from './language.ts';
import { checkLiterals } from './literals.ts';
import { foldMoments } from './moments.ts';
import { type Names, type Reference, readNames } from './names.ts';
import { isWord, tokenize } from './tokens.ts';
import { checkTypes } from './types.ts';

/** Aggregate functions. */
const SUMS: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max']);

/** Upper limit for the views and subqueries of a statement. */
const RELATIONS_AT_MOST = 12;

/**
 * Accepts a statement only if it is a single SELECT made of known keywords, functions, views and columns: an allow list, so that
 * nothing else an engine can do gets through. Reads no data.
 * @throws UsageError that says what is wrong and what was probably meant.
 */
export function checkQuery(sql: string): CheckedQuery {
  const tokens = tokenize(sql);
  if (!isWord(tokens[0], 'select', 'with'))
    throw new UsageError('query_sql runs a single SELECT and nothing else.', {
      hint: `Example: select name, node from guests where status = 'running'. Views: ${VIEW_NAMES.join(', ')}.`,
    });
  const names = readNames(tokens);
  const views = viewsOf(names);
  for (const reference of names.columns) checkColumn(reference, names, views);
  const folded = comparedFlags(foldMoments(names.tokens), views);
  checkTypes(folded, views, names.aliases);
  checkLiterals(folded, views, names.aliases);
  const columns = new Set(names.columns.map(one => one.name));
  return {
    tokens: folded,
    columns: columnNames(folded),
    views,
    facets: facetsOf(views, columns, names.all),
    cautions: folded.some(one => one.kind === 'function' && SUMS.has(one.text))
      ? cautionsOf(views, columns)
      : [],
    readsAuthors: views.has('changes') && (names.all || columns.has('user')),
  };
}

function cautionsOf(views: ReadonlySet<ViewName>, columns: ReadonlySet<string>): string[] {
  return [...views].flatMap(view => {
    const { beside } = VIEWS[view];
    return beside === undefined || beside.unless.some(name => columns.has(name)) ? [] : [beside.caution];
  });
}

function viewsOf({ relations, ctes }: Names): Set<ViewName> {
  if (relations.length > RELATIONS_AT_MOST)
    throw new UsageError(`The statement reads views in more than ${RELATIONS_AT_MOST} places.`);
  const views = new Set<ViewName>();
  for (const { name, at } of relations) {
    if (ctes.has(name)) continue;
    if (!isView(name)) throw noView(name, at);
    views.add(name);
  }
  for (const cte of ctes)
    if (isView(cte))
      throw new UsageError(`${quoted(cte)} is a view: give the table that WITH defines another name.`);
  return views;
}

function isView(name: string): name is ViewName {
  return Object.hasOwn(VIEWS, name);
}

function noView(name: string, at: number): UsageError {
  const instead = Object.hasOwn(VIEW_INSTEAD, name) ? [VIEW_INSTEAD[name]!] : null;
  const near = instead ?? nearest(name, VIEW_NAMES);
  const meant = near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
  return new UsageError(`SQL, character ${at}: there is no view ${quoted(name)}.`, {
    hint: `${meant}Views: ${VIEW_NAMES.join(', ')}. proxmox://schema has their columns.`,
  });
}

/** A qualified column must belong to its view; any other to one of the views read, or to the statement's own aliases. */
function checkColumn({ name, of, at }: Reference, names: Names, views: ReadonlySet<ViewName>): void {
  if (of !== null && !names.qualifiers.has(of))
    throw new UsageError(`SQL, character ${at}: ${quoted(of)} is no view or alias in this statement.`);
  const named = of === null ? null : names.qualifiers.get(of)!;
  const view = named !== null && isView(named) ? named : null;
  const among = view === null ? [...views] : [view];
  const isKnown = among.some(one => Object.hasOwn(VIEWS[one].columns, name));
  if (isKnown || (view === null && names.aliases.has(name))) return;
  throw noColumn(name, at, among);
}

function noColumn(name: string, at: number, among: ViewName[]): UsageError {
  const known = { ...INSTEAD, ...COLUMN_INSTEAD };
  const instead = Object.hasOwn(known, name) ? known[name]! : null;
  const columns = among.flatMap(view => Object.keys(VIEWS[view].columns));
  const near = nearest(name, columns);
  const elsewhere = viewsWith(name);
  const hints = [
    instead,
    near.length > 0 && instead === null ? `Did you mean ${near.join(' or ')}?` : null,
    elsewhere.length > 0 ? `${name} is a column of ${elsewhere.join(', ')}.` : null,
    ...among.slice(0, 3).map(view => `${view} has ${Object.keys(VIEWS[view].columns).join(', ')}.`),
  ];
  return new UsageError(`SQL, character ${at}: there is no column ${quoted(name)} here.`, {
    hint: hints.filter(hint => hint !== null).join(' '),
  });
}

function facetsOf(views: ReadonlySet<ViewName>, columns: ReadonlySet<string>, all: boolean): Facet[] {
  const facets = [...views].flatMap(view => [
    ...VIEWS[view].facets,
    ...Object.entries(VIEWS[view].columns).flatMap(([name, { facet }]) =>
      facet !== undefined && (all || columns.has(name)) ? [facet] : [],
    ),
  ]);
  return [...new Set(facets)];
}
