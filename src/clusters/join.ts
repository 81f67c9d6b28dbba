import type { Arguments } from '../mcp/define/cursor.ts';
import { fairShares, mergePages, type Order, type Row } from './merge.ts';
import { namedWith } from './names.ts';
import { joinTokens } from './places.ts';
import { added, addedTotals } from './sums.ts';

type Facts = { [name: string]: unknown };

/** One cluster's answer. */
export interface Answer {
  cluster: string;
  facts: Facts;
  /** It is from the store, since the cluster itself was too slow. */
  late: boolean;
}

/**
 * The joined answer and, for each cluster's page, how many rows there were and how many were used: the rest waits for the next
 * page.
 */
export interface Joined {
  facts: Facts;
  pages: Map<string, { rows: number; taken: number }>;
}

/** Fields about the source of an answer, given for each cluster. */
const PROVENANCE = ['as_of', 'source', 'stale'] as const;
/** Fields that are added up. */
const SUMMED: ReadonlySet<string> = new Set([
  'total',
  'unseen_total',
  'counts',
  'nodes',
  'vms',
  'containers',
  'tasks',
]);
/** Said with SQL: each cluster ran the statement separately. */
const EACH_BY_ITSELF =
  'Each cluster was asked by itself: what a statement sorts, limits and counts is that of one cluster.';
/** Fields that the joined answer has of its own. */
const OURS: ReadonlySet<string> = new Set([
  'untrusted',
  'next_cursor',
  'next_from',
  'hint',
  'unseen',
  ...PROVENANCE,
]);
const LIMIT = 50;
/** How many show_usage ranks by default. */
const TOP = 10;

/**
 * Joins the answers of the clusters to the same call: rows are marked with their cluster and merged into one order, totals are
 * added up. With `all`, no row waits for another page.
 */
export function joinAnswers(
  answers: readonly Answer[],
  args: Arguments,
  { whole, order, all = false }: { whole: boolean; order: Order | null; all?: boolean },
): Joined {
  if (whole) return { facts: wholeAnswers(answers), pages: new Map() };
  const list = answers.map(({ facts }) => listOf(facts)).find(name => name !== undefined);
  // `top` has its own number of rows.
  const [asked, usual] = order?.value === undefined ? [args['limit'], LIMIT] : [args['top'], TOP];
  const limit = Number(asked ?? usual) || usual;
  const pages = answers.map(({ cluster, facts }) => ({
    cluster,
    rows: list === undefined ? [] : rowsOf(facts[list], cluster),
    more: facts['next_cursor'] !== undefined,
  }));
  const table = answers.some(({ facts }) => facts['columns'] !== undefined);
  const shares = fairShares(
    pages.map(page => page.rows.length),
    limit,
  );
  const { rows, taken } = all
    ? mergePages(pages, order, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    : table
      ? mergePages(
          pages.map((page, at) => ({ ...page, rows: page.rows.slice(0, shares[at]) })),
          null,
          limit,
        )
      : mergePages(pages, order, limit);
  const cut = rows.length < pages.reduce((sum, page) => sum + page.rows.length, 0);
  const facts: Facts = {
    ...others(answers, list),
    ...(table && cut && { truncated: true }),
    ...(list !== undefined && { [list]: rows }),
    ...around(answers, table && answers.length > 1 ? EACH_BY_ITSELF : undefined),
  };
  const counts = pages.map(
    page => [page.cluster, { rows: page.rows.length, taken: taken.get(page.cluster)! }] as const,
  );
  return { facts, pages: new Map(counts) };
}

/** The only answer to a question about one thing. */
export function namedAnswer({ cluster, facts: { untrusted: _, ...facts } }: Answer): Facts {
  const named = Object.entries(facts).map(([name, value]) => {
    const rows = Array.isArray(value) && value.length > 0 && value.every(one => one?.constructor === Object);
    return [name, rows ? rowsOf(value, cluster) : namedWith(cluster, value, name)];
  });
  return { cluster, ...Object.fromEntries(named) };
}

/** Answers too specific to one cluster to be merged: they are listed side by side. */
function wholeAnswers(answers: readonly Answer[]): Facts {
  const sums = Object.fromEntries(
    [...SUMMED].flatMap(name => {
      const values = answers.flatMap(({ facts }) => (facts[name] === undefined ? [] : [facts[name]]));
      return values.length === 0
        ? []
        : [
            [
              name,
              values.reduce<unknown>((sum, one) => (sum === undefined ? one : added(sum, one)), undefined),
            ],
          ];
    }),
  );
  const totals = answers.flatMap(({ facts }) =>
    facts['totals'] === undefined ? [] : [facts['totals'] as Facts],
  );
  const clusters = answers.map(({ cluster, facts: { untrusted: _, ...rest }, late }) => ({
    cluster,
    ...(namedWith(cluster, rest) as Facts),
    ...(late && { source: 'store' }),
  }));
  return { ...sums, ...(totals.length > 1 && { totals: addedTotals(totals) }), clusters };
}

/** The field with an answer's rows: a list of objects, or of lists of values, as in `query_sql`. */
function listOf(facts: Facts): string | undefined {
  return Object.keys(facts).find(
    name => !OURS.has(name) && Array.isArray(facts[name]) && !['columns', 'versions'].includes(name),
  );
}

function rowsOf(rows: unknown, cluster: string): Row[] {
  if (!Array.isArray(rows)) return [];
  return rows.map(row =>
    Array.isArray(row)
      ? ([cluster, ...row] as unknown as Row)
      : { cluster, ...(namedWith(cluster, row) as Row) },
  );
}

/** All fields that are neither rows nor about the answer as a whole. */
function others(answers: readonly Answer[], list: string | undefined): Facts {
  const names = new Set(answers.flatMap(({ facts }) => Object.keys(facts)));
  const entries = [...names].flatMap((name): [string, unknown][] => {
    if (OURS.has(name) || name === list) return [];
    const values = answers.flatMap(({ cluster, facts }) =>
      facts[name] === undefined ? [] : [namedWith(cluster, facts[name])],
    );
    if (name === 'columns') return [[name, ['cluster', ...(values[0] as string[])]]];
    if (name === 'truncated') return [[name, values.some(Boolean)]];
    if (name === 'history_starts_at') return [[name, values.map(String).sort().at(-1)]];
    if (SUMMED.has(name)) return [[name, values.reduce(added)]];
    if (values.every(Array.isArray)) return [[name, rowsTogether(answers, name)]];
    // An interval given in words ends in each cluster when that cluster was asked.
    if (name === 'from') return [[name, values.map(String).sort()[0]]];
    if (name === 'to') return [[name, values.map(String).sort().at(-1)]];
    return differs(answers, name) ? [] : [[name, values[0]]];
  });
  return Object.fromEntries(entries);
}

/** Whether clusters differ in a field: then it is shown with each cluster. */
function differs(answers: readonly Answer[], name: string): boolean {
  const said = answers.map(({ facts }) => JSON.stringify(facts[name]));
  return new Set(said).size > 1;
}

function rowsTogether(answers: readonly Answer[], name: string): unknown[] {
  return answers.flatMap(({ cluster, facts }) =>
    ((facts[name] ?? []) as unknown[]).map(one =>
      one !== null && typeof one === 'object' && !Array.isArray(one)
        ? { cluster, ...(namedWith(cluster, one) as Facts) }
        : one,
    ),
  );
}

/** Fields about the answer, for all clusters and for each. */
function around(answers: readonly Answer[], note: string | undefined): Facts {
  const hints = new Map<string, string[]>();
  for (const { cluster, facts } of answers)
    if (typeof facts['hint'] === 'string')
      hints.set(facts['hint'], [...(hints.get(facts['hint']) ?? []), cluster]);
  const hint = [...hints]
    .map(([text, of]) => (of.length === answers.length ? text : `${of.join(', ')}: ${text}`))
    .concat(note ?? [])
    .join(' ');
  const unseen = rowsTogether(answers, 'unseen');
  const tokens = answers.flatMap(({ cluster, facts }) =>
    typeof facts['next_from'] === 'string' ? [[cluster, facts['next_from']] as const] : [],
  );
  const times = answers.flatMap(({ facts }) => (typeof facts['as_of'] === 'string' ? [facts['as_of']] : []));
  const stored = answers.some(({ facts, late }) => late || facts['source'] === 'store');
  return {
    ...(hint !== '' && { hint }),
    ...(tokens.length > 0 && { next_from: joinTokens(Object.fromEntries(tokens)) }),
    ...(times.length > 0 && {
      as_of: times.reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b)),
      source: stored ? 'store' : 'live',
    }),
    ...(unseen.length > 0 && { unseen }),
    clusters: answers.map(({ cluster, facts, late }) => ({
      cluster,
      ...(facts['total'] !== undefined && { total: facts['total'] }),
      ...ownFacts(answers, cluster, facts),
      ...Object.fromEntries(
        PROVENANCE.flatMap(name => (facts[name] === undefined ? [] : [[name, facts[name]]])),
      ),
      ...(late && {
        source: 'store',
        stale: { since: facts['as_of'], reason: 'The cluster has not answered within 2 s of the others.' },
      }),
    })),
  };
}

/** A cluster's own values of fields in which the clusters differ. */
function ownFacts(answers: readonly Answer[], cluster: string, facts: Facts): Facts {
  const own = Object.entries(facts).filter(
    ([name, value]) =>
      !OURS.has(name) &&
      !SUMMED.has(name) &&
      !['history_starts_at', 'truncated', 'columns'].includes(name) &&
      !Array.isArray(value) &&
      differs(answers, name),
  );
  return namedWith(cluster, Object.fromEntries(own)) as Facts;
}
