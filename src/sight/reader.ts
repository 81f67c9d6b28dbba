import type { ChangeType, Step } from '../model/change.ts';
import type { CommitEntity, GuestEntity, RunCounts, RunEntity } from '../model/entity.ts';
import type { GuestGroup, Page, VersionFilter } from '../model/filter.ts';
import type { PlanEntity } from '../model/plan.ts';
import { GUEST_TYPES, type ResourceType } from '../model/resource.ts';
import { HIBERNATED } from '../model/status.ts';
import type { StoreReader } from '../model/store.ts';
import { parseTrail, TRAIL_NOTE, type TrailEntry } from '../model/trail.ts';
import { detailSeen, withoutHiddenPool, withoutHiddenPools } from './parts.ts';
import { seenRows } from './rows.ts';
import type { Sight } from './sight.ts';

/** Versions read per batch when those out of sight are skipped. */
const VERSIONS_AT_ONCE = 500;

/**
 * The store as one token may see it. Every method is listed here, so that a method added to the store is unavailable until
 * somebody decides what of it may be seen.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one entry a method, none of them long
export function sightedReader(store: StoreReader, sight: Sight): StoreReader {
  // A facet that was covered completely is not for a token that sees a part of it: nothing follows from what is missing.
  const partly = (commit: CommitEntity | null): CommitEntity | null =>
    commit === null || (commit.facet === 'backups' ? sight.allBackups : sight.allRows)
      ? commit
      : { ...commit, complete: false };
  const ofPool = (guest: GuestEntity): GuestEntity =>
    guest.pool === null || sight.pool(guest.pool) ? guest : { ...guest, pool: null };
  const guestsOf: StoreReader['guests'] = async (type, filter, sort) => {
    if (filter?.pool !== undefined && !sight.pool(filter.pool)) return { rows: [], total: 0 };
    const { rows } = await store.guests(type, filter, sort);
    const seen = rows.filter(guest => sight.guest(guest.id)).map(ofPool);
    return { rows: seen, total: seen.length };
  };
  const versionSeen = ({ type, resourceId }: { type: ResourceType; resourceId: string }) =>
    sight.resource({ type, id: resourceId });
  const versions: StoreReader['versions'] = async (filter, page) => {
    const found: Awaited<ReturnType<StoreReader['versions']>> = [];
    const limit = page?.limit ?? Number.POSITIVE_INFINITY;
    let beforeId = page?.beforeId;
    while (found.length < limit) {
      const read = await store.versions(filter, {
        limit: VERSIONS_AT_ONCE,
        ...(beforeId !== undefined && { beforeId }),
      });
      found.push(...read.filter(versionSeen).flatMap(one => withoutHiddenPools(one, sight)));
      if (read.length < VERSIONS_AT_ONCE) break;
      beforeId = read.at(-1)!.id;
    }
    return found.slice(0, Math.min(limit, found.length));
  };
  const tasks: StoreReader['tasks'] = async (filter, sort, page) => {
    const { rows } = await store.tasks(filter, sort);
    const seen = rows.filter(sight.task);
    return { rows: sliced(seen, page), total: seen.length };
  };
  const steps: StoreReader['steps'] = async filter =>
    (await store.steps(filter)).filter(versionSeen).flatMap(one => withoutHiddenPools(one, sight));
  const seenRun = async (run: RunEntity): Promise<RunEntity> => {
    const commits = await store.commitsOfRun(run.id);
    const span = { after: (commits.at(0)?.seq ?? 1) - 1, to: commits.at(-1)?.seq ?? 0 };
    const recorded = commits.length === 0 ? [] : await steps({ ...span, changesOnly: true });
    const present = await Promise.all(GUEST_TYPES.map(async type => (await guestsOf(type)).total));
    return { ...run, unseen: [], warnings: [], counts: countsOf(recorded, run, present[0]! + present[1]!) };
  };
  const planOf: StoreReader['plan'] = async id => {
    const plan = await store.plan(id);
    return plan !== null && planSeen(sight, plan) ? plan : null;
  };
  return {
    cluster: async () => {
      const cluster = await store.cluster();
      return cluster === null || sight.root ? cluster : { ...cluster, quorate: null };
    },
    shows: key => sight.resource(key),
    // Proxmox names every node to everybody, but the figures of a node require a privilege.
    nodes: async options =>
      (await store.nodes(options)).map(node =>
        sight.node(node.id)
          ? node
          : {
              ...node,
              cpuUsage: null,
              cpuMax: null,
              memoryUsage: null,
              memoryMax: null,
              uptime: null,
              pveVersion: null,
            },
      ),
    guests: async (type, filter, sort, page) => {
      const { rows, total } = await guestsOf(type, filter, sort);
      return { rows: sliced(rows, page), total };
    },
    guestGroups: async type => groupsOf((await guestsOf(type)).rows),
    guestPage: async (type, filter, sort, page) => {
      const { seq } = await store.guestPage(type, filter, sort, { limit: 1 });
      const { rows, total } = await guestsOf(type, filter, sort);
      const unseen = (await guestsOf(type, { ...filter, seen: false })).total;
      return { rows: sliced(rows, page), total, unseen, seq };
    },
    guest: async (type, id) => {
      const guest = sight.guest(id) ? await store.guest(type, id) : null;
      return guest === null ? null : ofPool(guest);
    },
    configs: keys => store.configs(keys.filter(({ id }) => sight.guest(id))),
    configsHolding: async (type, mayHold) =>
      (await store.configsHolding(type, mayHold)).filter(one => sight.guest(one.id)),
    configValues: async (type, keys, options) =>
      (await store.configValues(type, keys, options)).filter(one => sight.guest(one.id)),
    storages: async () => (await store.storages()).filter(({ id }) => sight.storage(id)),
    nodeStorages: async () => (await store.nodeStorages()).filter(one => sight.storage(one.storageId)),
    detailsOf: async (topics, subjects) =>
      (await store.detailsOf(topics, subjects)).filter(detail => detailSeen(sight, detail)),
    details: async (topic, subjects) =>
      (await store.details(topic, subjects)).filter(detail => detailSeen(sight, detail)),
    tasks,
    task: async upid => {
      const task = await store.task(upid);
      return task !== null && sight.task(task) ? task : null;
    },
    logLines: async filter => (await store.logLines(filter)).filter(line => lineSeen(sight, line)),
    tasksWithin: async (spans, atMost) =>
      (
        await store.tasksWithin(
          spans.filter(one => sight.resource(one.resource)),
          atMost,
        )
      ).filter(sight.task),
    logLinesWithin: async spans => (await store.logLinesWithin(spans)).filter(line => lineSeen(sight, line)),
    versions,
    countVersions: async (filter, atMost = Number.POSITIVE_INFINITY) =>
      Math.min(atMost, (await versions(filter)).length),
    steps,
    ends: async filter => (await store.ends(filter)).filter(([end]) => versionSeen(end)),
    versionsAt: async (at, keys) =>
      (await store.versionsAt(at, keys.filter(sight.resource))).flatMap(one =>
        withoutHiddenPools(one, sight, 'keep'),
      ),
    everythingAt: async (seq, type) =>
      (await store.everythingAt(seq, type)).filter(versionSeen).map(one => withoutHiddenPool(one, sight)),
    changedKeys: async (filter: VersionFilter) => (await store.changedKeys(filter)).filter(sight.resource),
    query: async (query, options) =>
      store.query(query, { ...options, given: { ...options.given, ...(await seenRows(store, sight)) } }),
    lastCommit: async (facet, options) => partly(await store.lastCommit(facet, options)),
    lastCommits: async facets =>
      new Map([...(await store.lastCommits(facets))].map(([facet, commit]) => [facet, partly(commit)!])),
    commitAt: async at => partly(await store.commitAt(at)),
    commit: async seq => partly(await store.commit(seq)),
    firstCommit: async () => partly(await store.firstCommit()),
    commitsOfRun: async id => (await store.commitsOfRun(id)).map(commit => partly(commit)!),
    runs: async ids => Promise.all((await store.runs(ids)).map(seenRun)),
    lastRun: async () => {
      const run = await store.lastRun();
      return run === null ? null : seenRun(run);
    },
    lines: () => store.lines(),
    note: async key => {
      const note = await store.note(key);
      if (note === null || key !== TRAIL_NOTE) return note;
      const nodes = (await store.nodes({ includeRemoved: true })).map(({ id }) => id);
      return JSON.stringify(parseTrail(note).map(trailFor(sight, nodes)));
    },
    declaration: at => store.declaration(at),
    revision: number => store.revision(number),
    revisions: span => store.revisions(span),
    plan: planOf,
    plans: async filter => (await store.plans(filter)).filter(plan => planSeen(sight, plan)),
    unendedPlans: () => store.unendedPlans(),
    operations: async filter =>
      (await store.operations(filter)).filter(({ resource }) => sight.named(resource)),
    planEvents: async filter => {
      const events = await store.planEvents(filter);
      const plans = [...new Set(events.map(({ plan }) => plan))];
      const seen = new Set((await Promise.all(plans.map(planOf))).flatMap(plan => plan?.id ?? []));
      return events.filter(({ plan }) => seen.has(plan));
    },
  };
}

/** The coverage of the task and event logs for a token that may not read all of it: missing authors may be hidden ones. */
function trailFor(sight: Sight, nodes: readonly string[]): (entry: TrailEntry) => TrailEntry {
  const hidden = nodes.filter(id => !sight.node(id));
  return entry => ({
    ...entry,
    log: entry.log === 'all' && !sight.allLines ? 'own' : entry.log,
    tasks: hidden.length === nodes.length && hidden.length > 0 ? 'own' : entry.tasks,
    unread: [...new Set([...entry.unread, ...hidden])].sort(),
  });
}

/** A run's counts limited to what may be seen. The unchanged count is at most the number of visible guests. */
function countsOf(recorded: readonly Step[], { counts }: RunEntity, guests: number): RunCounts {
  const of = (change: ChangeType) => recorded.filter(step => step.change === change).length;
  const [created, updated, deleted, discovered] = [
    of('created'),
    of('updated'),
    of('deleted'),
    of('discovered'),
  ];
  const unchanged = Math.min(counts.unchanged, Math.max(0, guests - created - updated - discovered));
  return { discovered, created, updated, deleted, unchanged };
}

function sliced<T>(rows: T[], page: Page | undefined): T[] {
  const offset = page?.offset ?? 0;
  return page === undefined ? rows : rows.slice(offset, offset + page.limit);
}

function planSeen(sight: Sight, { steps }: PlanEntity): boolean {
  return steps.every(({ resource }) => sight.named(resource));
}

function lineSeen(sight: Sight, { user, vmid }: { user: string; vmid: number }): boolean {
  return sight.log(user) && sight.guest(vmid);
}

/** Groups guests the way the store does. */
function groupsOf(guests: readonly GuestEntity[]): GuestGroup[] {
  const groups = new Map<string, GuestGroup>();
  for (const guest of [...guests].sort((a, b) => a.id - b.id)) {
    const hibernated = guest.status === HIBERNATED.status && guest.lockStatus === HIBERNATED.lock;
    const lock = hibernated ? HIBERNATED.lock : null;
    const seen = guest.unseenReason === null;
    const key = JSON.stringify([seen, guest.nodeId, guest.status, lock, guest.template]);
    const group = groups.get(key) ?? {
      seen,
      nodeId: guest.nodeId,
      status: guest.status,
      lock,
      template: guest.template,
      guests: 0,
      cpuCores: 0,
      memoryBytes: 0,
      firstId: guest.id,
    };
    group.guests += 1;
    group.cpuCores += guest.cpuCores ?? 0;
    group.memoryBytes += Number(guest.memoryBytes ?? 0);
    groups.set(key, group);
  }
  return [...groups.values()];
}
