import { outcomeOf, stepResults } from '../desired/outcome.ts';
import { planIdentity } from '../desired/plan.ts';
import { describeError } from '../errors.ts';
import type { ApplyRefusal, ApplyRequest, ApplyResult, Approval } from '../model/applying.ts';
import type { OperationState } from '../model/operation.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { Lease } from '../model/store.ts';
import { clusterText } from '../text/cluster-text.ts';
import type { Writing } from './carry-out.ts';
import { planRefusal } from './check-plan.ts';
import { nextGuests } from './order.ts';
import type { ApplyPorts, Connection } from './ports.ts';
import { type Preparation, type Prepared, prepare } from './prepare.ts';
import { type GuestEnd, runGuest } from './run-guest.ts';
import { settleOpen } from './settle.ts';

/** One plan being carried out, under the lease for writing. */
export interface Applying {
  ports: ApplyPorts;
  lease: Lease;
  plan: PlanEntity;
  request: ApplyRequest;
  /** The latest moment our clock had shown when it began (ms). */
  latest: number;
}

/** Longest reason stored with a write (characters). */
const WHY_AT_MOST = 1_000;
/** Readings older than this when an approval arrives are repeated (ms). */
const STILL_YOUNG_MS = 5_000;

/** The result of a plan of which nothing was sent. */
export function refusedResult(plan: PlanEntity, refusals: ApplyRefusal[]): ApplyResult {
  const steps = plan.steps.map(({ resource, path }) => ({ resource, path, outcome: 'not_sent' as const }));
  return { plan: plan.id, outcome: 'refused', steps, refusals, undo: null };
}

/** Carries out a plan, in the order explained in docs/adr/0024. Refusals and failures are results. */
export async function applyUnder(applying: Applying): Promise<ApplyResult> {
  const { ports, plan, request } = applying;
  // Another process may have used it while this one waited for the lease.
  const present = (await ports.store.plan(plan.id)) ?? plan;
  const closed = planRefusal(present, await latestMoment(applying));
  if (closed !== null) {
    if (closed.code === 'expired') await ports.store.endPlan(plan.id, { outcome: 'expired' });
    return refusedResult(plan, [closed]);
  }
  const connection = ports.connect();
  try {
    const cluster = await clusterRefusal(applying, connection);
    if (cluster !== null) return refusedResult(plan, [cluster]);
    const ready = await preparedAndApproved(applying, connection);
    if (ready.refusals.length > 0) return await refuse(applying, ready.refusals);
    const writing: Writing = {
      ports,
      lease: applying.lease,
      connection,
      plan,
      asker: request.asker,
      why: request.why && clusterText(request.why, WHY_AT_MOST),
      count: 0,
    };
    return await runPlan(writing, ready.guests, request);
  } finally {
    connection.close();
  }
}

/** The latest moment shown by our clock or by anything stored (ms). */
async function latestMoment({ ports, latest, plan }: Applying): Promise<number> {
  const [commit, events] = await Promise.all([
    ports.store.lastCommit('inventory'),
    ports.store.planEvents({ plan: plan.id }),
  ]);
  return Math.max(latest, commit?.observedAt ?? 0, ...events.map(event => event.at));
}

/** Settles open operations, and makes sure that this is the cluster that the plan was made for, with quorum. */
async function clusterRefusal(
  { ports, lease, plan }: Applying,
  connection: Connection,
): Promise<ApplyRefusal | null> {
  const open = await settleOpen({ ports, lease, connection });
  const mine = new Set(plan.steps.map(step => step.resource));
  const unsettled = open.find(({ resource }) => mine.has(resource));
  if (unsettled !== undefined)
    return {
      code: 'unsettled',
      resource: unsettled.resource,
      what: `What became of an earlier write to ${unsettled.resource} (plan ${unsettled.plan}) is not known yet: try again in a minute.`,
    };
  const { stale, otherCluster } = await ports.refresh([]);
  const cluster = await ports.store.cluster();
  const name = `${cluster?.name ?? ''} ${cluster?.rootFingerprint ?? ''}`;
  if (otherCluster || planIdentity(name, plan) !== plan.identity)
    return {
      code: 'other-cluster',
      what: `Plan ${plan.id} was made for another cluster, or is not as it was made.`,
    };
  if (stale !== null) return { code: 'unread', what: `The cluster cannot be read now: ${stale}.` };
  if (cluster?.quorate !== true)
    return {
      code: 'no-quorum',
      what: 'The cluster has no quorum, or it cannot be told: nothing is written then.',
    };
  return null;
}

/** Reads the guests, asks for approval, and reads them again if that took a while. */
async function preparedAndApproved(applying: Applying, connection: Connection): Promise<Preparation> {
  const { ports, plan, request } = applying;
  const ready = await permitted(applying, connection);
  if (ready.refusals.length > 0) return ready;
  const asked = performance.now();
  const approval = await request.approval(plan);
  if ('code' in approval) return { guests: [], refusals: [approval] };
  await noteApproval(applying, approval);
  const waited = performance.now() - asked;
  // The clock may have been set back meanwhile; the wait itself cannot be.
  const latest = Math.max(ports.now(), applying.latest + waited);
  const closed = planRefusal(plan, await latestMoment({ ...applying, latest }));
  if (closed !== null) return { guests: [], refusals: [closed] };
  return waited > STILL_YOUNG_MS ? permitted(applying, connection) : ready;
}

async function permitted({ ports, plan }: Applying, connection: Connection): Promise<Preparation> {
  const preparation = await prepare(plan, ports, connection);
  if (preparation.refusals.length > 0) return preparation;
  const refusals = await ports.permit(
    plan,
    preparation.guests.map(({ subject }) => subject),
  );
  return { ...preparation, refusals };
}

async function noteApproval({ ports, plan }: Applying, { by, how }: Approval): Promise<void> {
  await ports.store.addPlanEvent({
    plan: plan.id,
    at: ports.now(),
    type: 'approved',
    who: by,
    how,
    facts: {},
  });
}

/** Facts that no longer hold use a plan up; after any other refusal it can be tried again. */
async function refuse({ ports, plan }: Applying, refusals: ApplyRefusal[]): Promise<ApplyResult> {
  if (refusals.some(({ code }) => code === 'moved' || code === 'another-guest'))
    await ports.store.endPlan(plan.id, { usedAt: ports.now(), outcome: 'refused' });
  return refusedResult(plan, refusals);
}

/** Guest by guest: the first alone, the rest two at a time, until one does not end well. */
async function runPlan(
  writing: Writing,
  guests: readonly Prepared[],
  request: ApplyRequest,
): Promise<ApplyResult> {
  const progress = new Map<string, OperationState>();
  const running = new Map<string, Promise<void>>();
  const stopped: ApplyRefusal[] = [];
  const byName = new Map(guests.map(one => [one.work.resource, one]));
  const ended = (resource: string, end: GuestEnd) => {
    progress.set(resource, end.state);
    if (end.stopped !== undefined) stopped.push(end.stopped);
    running.delete(resource);
    request.progress?.([...progress.values()].filter(state => state !== 'sent').length, guests.length);
  };
  for (;;) {
    const next = request.signal?.aborted ? [] : nextGuests([...byName.keys()], progress);
    for (const resource of next) {
      progress.set(resource, 'sent');
      running.set(
        resource,
        runGuest(writing, byName.get(resource)!).then(end => ended(resource, end)),
      );
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  return endPlan(writing, stopped);
}

async function endPlan(writing: Writing, stopped: ApplyRefusal[]): Promise<ApplyResult> {
  const { ports, plan } = writing;
  const operations = await ports.store.operations({ plan: plan.id });
  const steps = stepResults(plan, operations, stopped);
  if (operations.length === 0) return refusedResult(plan, stopped);
  const outcome = outcomeOf(steps);
  const facts = { outcome, stopped };
  try {
    await ports.store.endPlan(plan.id, { outcome });
    await ports.store.addPlanEvent({
      plan: plan.id,
      at: ports.now(),
      type: 'ended',
      who: writing.asker,
      how: null,
      facts,
    });
    await ports.refresh([...new Set(operations.map(({ resource }) => resource))]);
  } catch (error) {
    ports.log.warn('how a plan ended is not kept yet', { error: describeError(error) });
  }
  const stands = steps.some(step => step.outcome === 'verified' || step.outcome === 'pending');
  return { plan: plan.id, outcome, steps, refusals: [], undo: stands ? plan.id : null };
}
