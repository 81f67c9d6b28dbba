import type { Freshness } from '../../model/freshness.ts';
import { type HiddenPart, resourcesNamed, type Unseen } from '../../model/unseen.ts';

/** What a store hides from the asker, who has no right in Proxmox to see it. */
export interface Hidden {
  /** The kinds of things of which some are hidden. */
  parts: readonly HiddenPart[];
  /** Whether a resource (`vm/101`) is hidden. */
  hides(key: string): boolean;
}

/** The same freshness without names and counts of hidden resources, but saying that something is hidden. */
export function withoutHidden(freshness: Freshness, hidden: Hidden | undefined): Freshness {
  if (hidden === undefined) return freshness;
  const { parts, hides } = hidden;
  const shown = freshness.unseen.filter(({ what }) => what.code !== 'hidden');
  const kept: Unseen = { what: { code: 'hidden', parts }, since: null, reason: { code: 'no-right' } };
  return { ...freshness, unseen: [...shown.flatMap(one => shownOf(one, hides)), kept] };
}

/** What is left of an entry. A count of guests names its node to everyone who may see a guest there. */
function shownOf(one: Unseen, hides: (key: string) => boolean): Unseen[] {
  const { what, resources } = one;
  const left = resources?.filter(key => !hides(key));
  if (left !== undefined && left.length < resources!.length && 'count' in what)
    return left.length === 0 ? [] : [{ ...one, what: { ...what, count: left.length }, resources: left }];
  if (what.code !== 'guests' && resourcesNamed(what).some(hides)) return [];
  return [left === undefined ? one : { ...one, resources: left }];
}
