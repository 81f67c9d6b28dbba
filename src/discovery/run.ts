import { describeError } from '../errors.ts';
import type { RunEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import { GUEST_TYPES, guestKey } from '../model/resource.ts';
import type { StoreReader } from '../model/store.ts';
import { age } from './common/clock.ts';
import { addCounts, type Committed } from './common/committed.ts';
import type { FacetStep } from './common/facet.ts';
import type { Ground, Known } from './common/ground.ts';
import type { DiscoveryScope } from './common/scope.ts';
import { FACET_STEPS } from './facets.ts';
import { bringInventory } from './inventory/run.ts';
import type { ActiveRun } from './schedule/active-run.ts';

/**
 * One discovery: first the inventory, on which every other facet builds; then what was asked for and what is due, in the order of
 * the registry. A facet that fails leaves the others standing. `run` is the row that describes it.
 * @throws whatever kept the inventory from being committed, or LeaseLostError; the run's row then says `failed`.
 */
export async function executeRun(scope: DiscoveryScope, active: ActiveRun, run: RunEntity): Promise<void> {
  const inventory = await bringInventory(scope, await readKnown(scope.store));
  await note(scope, run, 'inventory', inventory);
  active.facetDone('inventory');
  const wanted = await wantedFacets(scope, inventory.ground);
  let { ground } = inventory;
  for (const [name, steps] of Object.entries(FACET_STEPS) as [Facet, readonly FacetStep[]][])
    ground = await bring(scope, ground, { name, steps, wanted: wanted.has(name) }, active, run);
}

/** What the store knows of nodes and guests. */
async function readKnown(store: StoreReader): Promise<Known> {
  const [nodes, ...guests] = await Promise.all([
    store.nodes({ includeRemoved: true }),
    ...GUEST_TYPES.map(type => store.guests(type)),
  ]);
  return {
    nodes: new Map(nodes.map(node => [node.id, node])),
    guests: new Map(guests.flatMap(({ rows }) => rows.map(guest => [guestKey(guest), guest] as const))),
  };
}

/** Facets that are read whether or not anything makes them due. */
async function wantedFacets(
  { request, store, limits, now }: DiscoveryScope,
  { firstRun }: Ground,
): Promise<Set<Facet>> {
  if (firstRun) return new Set(Object.keys(FACET_STEPS) as Facet[]);
  if (request.guests.size === 0) return new Set(request.facets);
  // Naming a guest asks for everything about it: these facets are included where they exceed the maximum age.
  const along = ['datacenter', 'details', 'backups'] as const;
  const commits = await store.lastCommits(along);
  const old = along.filter(name => age(commits.get(name)?.observedAt ?? 0, now()) > limits.configMaxAge);
  return new Set([...request.facets, ...old]);
}

/** Brings one facet up to date, and returns the ground for the next. Callers waiting for it continue, or learn why it failed. */
async function bring(
  scope: DiscoveryScope,
  ground: Ground,
  { name, steps, wanted }: { name: Facet; steps: readonly FacetStep[]; wanted: boolean },
  active: ActiveRun,
  run: RunEntity,
): Promise<Ground> {
  let now = ground;
  let brought = false;
  for (const step of steps) {
    const { committed, failure } = await step.bring(scope, now, wanted);
    if (committed !== null) await note(scope, run, name, committed);
    now = committed?.ground ?? now;
    if (failure !== null) {
      run.warnings.push(`${name}: ${describeError(failure)}`);
      active.facetFailed(name, failure);
      scope.log.warn('facet failed', { facet: name, error: describeError(failure) });
      return now;
    }
    brought ||= committed !== null;
    if (!brought) return now;
  }
  active.facetDone(name);
  return now;
}

/** Adds the result of a facet to the run's row. What it could not see is stored before anybody waiting reads on. */
async function note(
  { store }: DiscoveryScope,
  run: RunEntity,
  facet: Facet,
  { unseen, warnings, counts }: Committed,
): Promise<void> {
  run.counts = addCounts(run.counts, counts);
  run.warnings.push(...warnings);
  run.unseen.push(...unseen.map(one => ({ ...one, facet })));
  if (unseen.length > 0) await store.noteRun(run);
}
