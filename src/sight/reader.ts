import { UsageError } from '../errors.ts';
import type { CommitEntity, GuestEntity } from '../model/entity.ts';
import type { GuestGroup, Page, VersionFilter } from '../model/filter.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { ResourceType } from '../model/resource.ts';
import { HIBERNATED } from '../model/status.ts';
import type { StoreReader } from '../model/store.ts';
import type { Sight } from './sight.ts';

/** Versions read at once where those outside the sight are passed over. */
const VERSIONS_AT_ONCE = 500;

/**
 * The same store as one token may see it. Each method is named here: one that is added to the store is not there until
 * somebody has said what of it may be seen.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one entry a method, none of them long
export function sightedReader(store: StoreReader, sight: Sight): StoreReader {
  // What covered a facet whole does not for who sees a part: nothing follows from what is missing.
  const partly = (commit: CommitEntity | null): CommitEntity | null =>
    commit === null || sight.allRows ? commit : { ...commit, complete: false };
  const guestsOf: StoreReader['guests'] = async (type, filter, sort) => {
    const { rows } = await store.guests(type, filter, sort);
    const seen = rows.filter(guest => sight.guest(guest.id));
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
      found.push(...read.filter(versionSeen));
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
  const steps: StoreReader['steps'] = async filter => (await store.steps(filter)).filter(versionSeen);
  return {
    cluster: () => store.cluster(),
    // Proxmox names every node to everybody; the figures of one take a right.
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
      return { rows: sliced(rows, page), total, seq };
    },
    guest: async (type, id) => (sight.guest(id) ? store.guest(type, id) : null),
    configs: keys => store.configs(keys.filter(({ id }) => sight.guest(id))),
    configsHolding: async (type, mayHold) =>
      (await store.configsHolding(type, mayHold)).filter(one => sight.guest(one.id)),
    configValues: async (type, keys, options) =>
      (await store.configValues(type, keys, options)).filter(one => sight.guest(one.id)),
    storages: async () => (await store.storages()).filter(({ id }) => sight.storage(id)),
    nodeStorages: async () => (await store.nodeStorages()).filter(one => sight.storage(one.storageId)),
    details: async (topic, subjects) =>
      (await store.details(topic, subjects)).filter(({ subject }) => detailSeen(sight, topic, subject)),
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
    versionsAt: (at, keys) => store.versionsAt(at, keys.filter(sight.resource)),
    everythingAt: async (seq, type) => (await store.everythingAt(seq, type)).filter(versionSeen),
    changedKeys: async (filter: VersionFilter) => (await store.changedKeys(filter)).filter(sight.resource),
    query: (query, options) => {
      if (sight.allRows) return store.query(query, options);
      throw new UsageError('SQL reads the whole store, and this token may see only a part of it.', {
        hint: 'Ask with the list tools, which leave out what it may not see; or use a token with PVEAuditor on /.',
      });
    },
    lastCommit: async (facet, options) => partly(await store.lastCommit(facet, options)),
    lastCommits: async facets =>
      new Map([...(await store.lastCommits(facets))].map(([facet, commit]) => [facet, partly(commit)!])),
    commitAt: async at => partly(await store.commitAt(at)),
    commit: async seq => partly(await store.commit(seq)),
    firstCommit: async () => partly(await store.firstCommit()),
    commitsOfRun: async id => (await store.commitsOfRun(id)).map(commit => partly(commit)!),
    runs: async ids => (await store.runs(ids)).map(run => ({ ...run, unseen: [], warnings: [] })),
    lastRun: () => store.lastRun(),
    lines: () => store.lines(),
    note: key => store.note(key),
    declaration: at => store.declaration(at),
    revision: number => store.revision(number),
    revisions: span => store.revisions(span),
    plan: async id => {
      const plan = await store.plan(id);
      return plan !== null && planSeen(sight, plan) ? plan : null;
    },
    plans: async filter => (await store.plans(filter)).filter(plan => planSeen(sight, plan)),
    unendedPlans: () => store.unendedPlans(),
    operations: filter => store.operations(filter),
    planEvents: filter => store.planEvents(filter),
  };
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

/** Facts that name others than their subject (jobs, rules, pools, replication) take the right to see everything. */
function detailSeen(sight: Sight, topic: string, subject: string): boolean {
  if (/^(?:vm|container|storage|node)\//.test(subject)) return sight.named(subject);
  if (topic === 'node') return sight.node(subject);
  if (topic === 'storage_fill') return sight.storage(subject.split('@')[0]!);
  return sight.allRows;
}

/** As the store counts them. */
function groupsOf(guests: readonly GuestEntity[]): GuestGroup[] {
  const groups = new Map<string, GuestGroup>();
  for (const guest of [...guests].sort((a, b) => a.id - b.id)) {
    const hibernated = guest.status === HIBERNATED.status && guest.lockStatus === HIBERNATED.lock;
    const lock = hibernated ? HIBERNATED.lock : null;
    const seen = guest.unseenReason === null;
    const key = JSON.stringify([seen, guest.nodeId, guest.status, lock, guest.template]);
    const group = groups.get(key) ?? {
      ...{ seen, nodeId: guest.nodeId, status: guest.status, lock, template: guest.template },
      ...{ guests: 0, cpuCores: 0, memoryBytes: 0, firstId: guest.id },
    };
    group.guests += 1;
    group.cpuCores += guest.cpuCores ?? 0;
    group.memoryBytes += Number(guest.memoryBytes ?? 0);
    groups.set(key, group);
  }
  return [...groups.values()];
}
