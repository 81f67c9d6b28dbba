import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describeError, MpcError } from '../errors.ts';
import type { Freshness } from '../model/freshness.ts';
import { formatTime } from '../state/moment.ts';

/** No half of an answer is larger than this, whatever the cluster's size (bytes). */
export const ANSWER_BYTES_AT_MOST = 20_000;

/** Both halves of an answer with the same compact facts; hosts show the model only one of them. */
export function toolResult(facts: object): CallToolResult {
  const structuredContent = withoutNulls(facts) as { [key: string]: unknown };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

/** A failure as a model can use it: what failed and why, then what to do. Never a stack. */
export function toolError(error: unknown): CallToolResult {
  const message = describeError(error);
  const hint = error instanceof MpcError ? error.hint : undefined;
  return {
    isError: true,
    content: [{ type: 'text', text: hint === undefined ? message : `${message}\nNext: ${hint}` }],
  };
}

/** What an answer rests on, in its fewest words: one time where all facets are equally old. */
export function provenanceOf(freshness: Freshness, timeZone: string, full: boolean): object {
  const times = Object.entries(freshness.asOf).filter(([, at]) => at !== null && at !== undefined) as [
    string,
    number,
  ][];
  if (times.length === 0) return {};
  const oldest = Math.min(...times.map(([, at]) => at));
  const time = (at: number | null) => (at === null ? null : formatTime(at, timeZone));
  return {
    as_of: full ? Object.fromEntries(times.map(([facet, at]) => [facet, time(at)])) : time(oldest),
    source: freshness.source,
    ...(freshness.stale && { stale: { since: time(freshness.stale.since), reason: freshness.stale.reason } }),
    ...(freshness.unseen.length > 0 && {
      unseen: freshness.unseen
        .slice(0, 20)
        .map(one => ({ what: one.what, since: time(one.since), reason: one.reason })),
    }),
  };
}

/** A field change tells both sides: there, null is a fact. */
const NULL_IS_A_FACT = new Set(['from', 'to']);

/** Facts without nulls and undefineds: what is not there costs nothing. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => child !== undefined && (child !== null || NULL_IS_A_FACT.has(key)))
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}
