import type { Freshness } from '../../model/freshness.ts';
import { resourcesNamed, type Unseen } from '../../model/unseen.ts';

const HIDDEN: Unseen = { what: { code: 'hidden' }, since: null, reason: { code: 'no-right' } };

/** The same freshness, in which nothing is named or counted that is kept from the asker, and that something is kept is said. */
export function withoutHidden(
  freshness: Freshness,
  hides: ((key: string) => boolean) | undefined,
): Freshness {
  if (hides === undefined) return freshness;
  const shown = freshness.unseen.filter(({ what }) => what.code !== 'hidden');
  return { ...freshness, unseen: [...shown.flatMap(one => shownOf(one, hides)), HIDDEN] };
}

/** Of a sum what is left of it: it names its node to whoever may see a guest there. */
function shownOf(one: Unseen, hides: (key: string) => boolean): Unseen[] {
  const { what, resources } = one;
  const left = resources?.filter(key => !hides(key));
  if (left !== undefined && left.length < resources!.length && 'count' in what)
    return left.length === 0 ? [] : [{ ...one, what: { ...what, count: left.length }, resources: left }];
  if (what.code !== 'guests' && resourcesNamed(what).some(hides)) return [];
  return [left === undefined ? one : { ...one, resources: left }];
}
