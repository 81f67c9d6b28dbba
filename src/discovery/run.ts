import { LeaseLostError } from '../database/errors.ts';
import { describeError } from '../errors.ts';
import type { RunEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import { reasonKey } from '../model/reason.ts';
import { runAddresses, runNamedAddresses } from './addresses/run.ts';
import { runBackups } from './backups/run.ts';
import { age } from './common/clock.ts';
import type { RunContext } from './common/context.ts';
import { guestKey } from './common/guest-key.ts';
import { dueGuests, runConfigs } from './config/run.ts';
import { runDetails } from './details/run.ts';
import { hasOpenBackups } from './guests/births.ts';
import { runInventory } from './inventory/run.ts';
import type { ActiveRun } from './schedule/active-run.ts';
import { runStorage } from './storage/run.ts';
import { commitTasks } from './tasks/run.ts';

/**
 * One discovery: the inventory first, since every other facet rests on it; then what was asked for, the long
 * configurations and what may hang (backup storages, guest agents) last. A facet that fails leaves the others standing.
 * @throws whatever kept the inventory from being committed, or LeaseLostError; the run's row then says `failed`.
 */
export async function executeRun(context: RunContext, active: ActiveRun): Promise<RunEntity> {
  const { store, run, request } = context;
  const nodes = await store.nodes({ includeRemoved: true });
  context.nodes = new Map(nodes.map(node => [node.id, node]));
  for (const type of ['vm', 'container'] as const) {
    for (const guest of (await store.guests(type)).rows) context.guests.set(guestKey(guest), guest);
  }
  await bring(context, active, 'inventory', async () => {
    await runInventory(context);
    run.unseen.push(...unseenGuests(context));
  });

  const facet = async (name: Facet, work: () => Promise<void>) => {
    try {
      await bring(context, active, name, work);
    } catch (error) {
      // What was read is old, of every facet: the run starts over.
      if (error instanceof LeaseLostError) throw error;
      run.warnings.push(`${name}: ${describeError(error)}`);
      active.facetFailed(name, error);
      context.log.warn('facet failed', { facet: name, error: describeError(error) });
    }
  };
  const along = request.guests.size > 0 ? await grownOld(context, ['details', 'backups']) : new Set();
  const wants = (name: Facet) => context.firstRun || request.facets.has(name) || along.has(name);
  if (context.tasks !== null) await facet('tasks', () => commitTasks(context));
  if (wants('storage')) await facet('storage', () => runStorage(context));
  if (wants('details')) await facet('details', () => runDetails(context));
  const due = await dueGuests(context);
  if (wants('config') || due.length > 0)
    await facet('config', async () => {
      await runConfigs(context, due);
      if (request.guests.size > 0) await runNamedAddresses(context);
    });
  if (wants('backups') || (await hasOpenBackups(context))) await facet('backups', () => runBackups(context));
  if (wants('addresses')) await facet('addresses', () => runAddresses(context));
  return run;
}

/** Brings one facet. What it could not see is recorded before anybody who waits for it reads on. */
async function bring(
  { store, run }: RunContext,
  active: ActiveRun,
  facet: Facet,
  work: () => Promise<void>,
): Promise<void> {
  const before = run.unseen.length;
  await work();
  const unseen = run.unseen.slice(before);
  for (const one of unseen) one.facet = facet;
  if (unseen.length > 0) await store.noteRun(run);
  active.facetDone(facet);
}

/** Of what belongs to the whole of a guest, the facets beyond the max age: who names a guest wants all of it. */
async function grownOld({ store, limits, now }: RunContext, facets: Facet[]): Promise<Set<Facet>> {
  const commits = await Promise.all(facets.map(facet => store.lastCommit(facet)));
  return new Set(facets.filter((_, n) => age(commits[n]?.observedAt ?? 0, now()) > limits.configMaxAge));
}

/** Of so many guests out of sight on one node a run writes down which they are. */
const NAMED_AT_MOST = 1_000;

/** Guests and nodes this run could not see, summed up by reason so that forty guests of a dead node are one line. */
function unseenGuests(context: RunContext): RunEntity['unseen'] {
  const groups = Map.groupBy(
    [...context.guests.values()].filter(guest => guest.unseenReason !== null),
    guest => `${guest.nodeId}\n${reasonKey(guest.unseenReason!)}`,
  );
  const guests = [...groups.values()].map(group => {
    const [first] = group as [(typeof group)[number]];
    const since = Math.min(...group.map(guest => guest.lastSeen ?? Number.POSITIVE_INFINITY));
    return {
      what: group.length === 1 ? guestKey(first) : `${group.length} guests on node ${first.nodeId}`,
      since: Number.isFinite(since) ? since : null,
      reason: first.unseenReason!,
      resources: group.slice(0, NAMED_AT_MOST).map(guestKey),
    };
  });
  const nodes = [...context.nodes.values()]
    .filter(node => node.unseenReason !== null && !node.removed)
    .map(node => ({
      what: `node/${node.id}`,
      since: node.lastSeen,
      reason: node.unseenReason!,
      resources: [`node/${node.id}`],
    }));
  return [...nodes, ...guests];
}
