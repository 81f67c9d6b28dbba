import type { Arguments } from '../mcp/define/cursor.ts';
import { mergePages, type Order, type Row } from './merge.ts';
import { namedWith } from './names.ts';
import { joinTokens } from './places.ts';

type Facts = { [name: string]: unknown };

/** One cluster's answer. */
export interface Answer {
  cluster: string;
  facts: Facts;
  /** It is what the store knew: the cluster itself was too slow. */
  late: boolean;
}

/** The joined answer, and of each cluster's page how many rows there were and are in it: the rest waits for the next page. */
export interface Joined {
  facts: Facts;
  pages: Map<string, { rows: number; taken: number }>;
}

/** What belongs to one answer, and is stated for each cluster. */
const PROVENANCE = ['as_of', 'source', 'stale'] as const;
/** What is added up. */
const SUMMED: ReadonlySet<string> = new Set([
  'total',
  'unseen_total',
  'counts',
  'nodes',
  'vms',
  'containers',
]);
/** Written anew. */
const OURS: ReadonlySet<string> = new Set([
  'untrusted',
  'next_cursor',
  'next_from',
  'hint',
  'unseen',
  ...PROVENANCE,
]);
const LIMIT = 50;

/**
 * Joins what the clusters said to the same call: rows bear their cluster and are put in one order, totals add up. With
 * `all` no row waits for another page.
 */
export function joinAnswers(
  answers: readonly Answer[],
  args: Arguments,
  { whole, order, all = false }: { whole: boolean; order: Order | null; all?: boolean },
): Joined {
  if (whole) return { facts: wholeAnswers(answers), pages: new Map() };
  const list = answers.map(({ facts }) => listOf(facts)).find(name => name !== undefined);
  const limit = typeof args['limit'] === 'number' ? args['limit'] : Number(args['limit'] ?? LIMIT) || LIMIT;
  const pages = answers.map(({ cluster, facts }) => ({
    cluster,
    rows: list === undefined ? [] : rowsOf(facts[list], cluster),
    more: facts['next_cursor'] !== undefined,
  }));
  const { rows, taken } = all
    ? mergePages(pages, order, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    : mergePages(pages, order, limit);
  const facts: Facts = {
    ...others(answers, list),
    ...(list !== undefined && { [list]: rows }),
    ...around(answers),
  };
  const counts = pages.map(
    page => [page.cluster, { rows: page.rows.length, taken: taken.get(page.cluster)! }] as const,
  );
  return { facts, pages: new Map(counts) };
}

/** The one answer there is, to a question about one thing. */
export function namedAnswer({ cluster, facts: { untrusted: _, ...facts } }: Answer): Facts {
  const named = Object.entries(facts).map(([name, value]) => {
    const rows = Array.isArray(value) && value.length > 0 && value.every(one => one?.constructor === Object);
    return [name, rows ? rowsOf(value, cluster) : namedWith(cluster, value, name)];
  });
  return { cluster, ...Object.fromEntries(named) };
}

/** Answers too specific to one cluster to be merged: they stand beside one another. */
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
  const clusters = answers.map(({ cluster, facts: { untrusted: _, ...rest }, late }) => ({
    cluster,
    ...(namedWith(cluster, rest) as Facts),
    ...(late && { source: 'store' }),
  }));
  return { ...sums, clusters };
}

/** The name under which an answer has its rows: lists of one kind, or lists of values as `query_sql` has them. */
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

/** All that is neither rows nor about the answer as a whole. */
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
    return [[name, values[0]]];
  });
  return Object.fromEntries(entries);
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

/** What the answer rests on, of all and of each. */
function around(answers: readonly Answer[]): Facts {
  const hints = new Map<string, string[]>();
  for (const { cluster, facts } of answers)
    if (typeof facts['hint'] === 'string')
      hints.set(facts['hint'], [...(hints.get(facts['hint']) ?? []), cluster]);
  const hint = [...hints]
    .map(([text, of]) => (of.length === answers.length ? text : `${of.join(', ')}: ${text}`))
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

/** Numbers added up wherever they stand; of anything else the first stays. */
function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a;
  const [one, other] = [a as Facts, b as Facts];
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map(name => [
      name,
      one[name] === undefined
        ? other[name]
        : other[name] === undefined
          ? one[name]
          : added(one[name], other[name]),
    ]),
  );
}
