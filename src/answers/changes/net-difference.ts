import { compareEnds, concernsNode, type NetChange, netChanges } from '../../history/net-changes.ts';
import type { ChangeType, End } from '../../model/change.ts';
import type { VersionFilter } from '../../model/filter.ts';
import { formatKey, type ResourceKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { dropFirstSights, type FirstSights, firstSights } from './history-start.ts';
import type { ChangeFacts } from './rows.ts';

/** Most versions to read and fold. Beyond that, each resource's first and last version show whether it changed. */
const FOLDED_AT_MOST = 10_000;
/** Resources whose steps are read in one query. */
const BATCH = 500;

/** What a comparison looks at. */
export interface Comparison extends Pick<VersionFilter, 'resource' | 'type'> {
  after: number;
  to: number;
  /** Only changes that concern this node. */
  node: string | undefined;
  /** Only changes of this kind. */
  change?: ChangeType | undefined;
  /** Only changes of a field at such a path. */
  touches?: ((path: string) => boolean) | undefined;
}

/** One net change among the others: enough to count and order it by. */
type Head = Pick<NetChange, 'key' | 'incarnation' | 'versionId'>;

/** All net changes of an interval, counted and ordered; each page is read when it is asked for. */
export interface NetDifference {
  total: number;
  page(offset: number, limit: number): Promise<ChangeFacts[]>;
}

/** The order of the changes, by version id; tests lower `foldedAtMost` to reach the other way of counting. */
export interface CompareOptions {
  order: 'asc' | 'desc';
  foldedAtMost?: number;
}

/** Compares the two ends of an interval. The number of versions in between does not affect the result. */
export async function netDifference(
  store: StoreReader,
  comparison: Comparison,
  { order, foldedAtMost = FOLDED_AT_MOST }: CompareOptions,
): Promise<NetDifference> {
  const { node, change: kind, touches, ...filter } = comparison;
  const concerns = (change: NetChange) =>
    (kind === undefined || change.change === kind) &&
    (node === undefined || concernsNode(change, node)) &&
    (touches === undefined || change.fields.some(({ path }) => touches(path)));
  const few = (await store.countVersions(filter, foldedAtMost + 1)) <= foldedAtMost;
  const { heads, sights } = few
    ? await foldAll(store, filter, concerns)
    : await foldUndecided(store, comparison, concerns);
  heads.sort((a, b) => (order === 'asc' ? a.versionId - b.versionId : b.versionId - a.versionId));
  return {
    total: heads.length,
    page: async (offset, limit) => {
      const shown = heads.slice(offset, offset + limit);
      const resources = shown.map(head => head.key);
      const steps = dropFirstSights(await store.steps({ ...filter, resources }), sights);
      const changes = new Map(netChanges(steps).map(change => [lifeOf(change), change]));
      return shown.flatMap(head => changes.get(lifeOf(head)) ?? []);
    },
  };
}

type Found = { heads: Head[]; sights: FirstSights };
type Filter = Omit<Comparison, 'node' | 'change' | 'touches'>;
type Concerns = (change: NetChange) => boolean;

async function foldAll(store: StoreReader, filter: Filter, concerns: Concerns): Promise<Found> {
  const steps = await store.steps(filter);
  const sights = await firstSights(steps, filter.after, store);
  return { heads: netChanges(dropFirstSights(steps, sights)).filter(concerns), sights };
}

/** Decides by the first and last version of each resource, and folds every step only where these do not tell. */
async function foldUndecided(
  store: StoreReader,
  { node, change: kind, touches, ...filter }: Comparison,
  concerns: Concerns,
): Promise<Found> {
  if (filter.resource !== undefined) return foldAll(store, filter, concerns);
  const ends = await store.ends(filter);
  const sights = await firstSights(
    ends.map(([first]) => first),
    filter.after,
    store,
  );
  const heads: Head[] = [];
  const undecided: ResourceKey[] = [];
  for (const [first, last] of ends) {
    // Where a resource was in between, and what its net change is, only its steps tell.
    const decided = node === undefined && kind === undefined && touches === undefined;
    const verdict = decided && !isFirstSight(first, sights) ? compareEnds(first, last) : undefined;
    const key = { type: first.type, id: first.resourceId };
    if (verdict === undefined) undecided.push(key);
    else if (verdict !== null) heads.push({ key, incarnation: first.incarnation, versionId: verdict });
  }
  for (let start = 0; start < undecided.length; start += BATCH) {
    const resources = undecided.slice(start, start + BATCH);
    const steps = dropFirstSights(await store.steps({ ...filter, resources }), sights);
    for (const change of netChanges(steps).filter(concerns)) {
      const { key, incarnation, versionId } = change;
      heads.push({ key, incarnation, versionId });
    }
  }
  return { heads, sights };
}

function isFirstSight(first: End, sights: FirstSights): boolean {
  return sights.get(first.type) === first.seq;
}

function lifeOf({ key, incarnation }: Pick<NetChange, 'key' | 'incarnation'>): string {
  return `${formatKey(key)}#${incarnation}`;
}
