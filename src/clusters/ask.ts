import { UsageError } from '../errors.ts';
import type { Arguments } from '../mcp/define/cursor.ts';
import { clustersMeant, splitNames } from './names.ts';
import { splitCursor, splitToken } from './places.ts';

/** What each cluster is asked. */
export interface Asked {
  /** The arguments for each cluster, in the order of the file. */
  each: Map<string, Arguments>;
  /** The call's own arguments, including those from a cursor. */
  args: Arguments;
  /** Each cluster's cursor before this page. */
  before: { [cluster: string]: string | null };
  /** Why a cluster is not asked. */
  left: Map<string, string>;
  /** The call is about one thing: if several clusters have it, it is unclear which is meant. */
  aboutOne: boolean;
}

/** Arguments that name one thing. */
const ONE = ['resource', 'with', 'if_down', 'upid'];
/** Arguments in which a name may include its cluster: `lab:vm/101`. */
const NAMED = [...ONE, 'node', 'query'];
const MOMENTS = ['from', 'to', 'since', 'until', 'at'];

/** Splits a call into each cluster's part by its arguments. @throws UsageError if they contradict one another */
export function askEach(given: Arguments, clusters: readonly string[]): Asked {
  const resumed = splitCursor(given['cursor']);
  const args: Arguments = { ...resumed?.args, ...given };
  const { cluster, cursor, ...plain } = args;
  const named = new Set<string>();
  for (const field of NAMED) {
    if (typeof plain[field] !== 'string') continue;
    // Names without a cluster stay as they were written.
    const { of, names } = splitNames(plain[field], clusters);
    if (of.length === 0) continue;
    for (const one of of) named.add(one);
    plain[field] = names;
  }
  if (named.size > 1)
    throw new UsageError('A call compares and names things of one cluster.', {
      hint: `Ask about ${[...named].join(' and ')} one after the other.`,
    });
  const meant = clustersMeant(named.size > 0 ? [...named] : cluster, clusters);
  const left = new Map<string, string>();
  const each = new Map<string, Arguments>();
  const before: Asked['before'] = {};
  for (const one of meant) {
    const own = momentsOf(one, plain, meant.length > 1);
    const place = resumed === null ? undefined : (resumed.places[one] ?? null);
    before[one] = place ?? '';
    if (own === null) left.set(one, 'That token holds no place in this cluster: ask without it once.');
    else if (place !== null) each.set(one, withCursor(own, resumed === null ? cursor : place));
  }
  const aboutOne = ONE.some(field => plain[field] !== undefined && plain[field] !== '');
  return { each, args, before, left, aboutOne };
}

function withCursor(args: Arguments, cursor: unknown): Arguments {
  return cursor === undefined || cursor === '' ? args : { ...args, cursor };
}

/**
 * The arguments with this cluster's own moments; null if a token has none of it. @throws UsageError for a run without a cluster
 */
function momentsOf(cluster: string, args: Arguments, several: boolean): Arguments | null {
  const own: Arguments = { ...args };
  for (const field of MOMENTS) {
    const tokens = splitToken(args[field]);
    if (tokens !== null) {
      if (tokens[cluster] === undefined) return null;
      own[field] = tokens[cluster];
    } else if (several && /^run:\d+$/.test(String(args[field])))
      throw new UsageError(`${field}: ${args[field]} is another run in each cluster.`, {
        hint: 'Say which cluster, or name a time.',
      });
  }
  return own;
}
