import type { BackupsHealth, GuestHealth, HealthFacts, StorageHealth } from '../../health/facts.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { clusterOffset } from '../cluster-clock.ts';
import { driftFacts } from '../desired/drift-counts.ts';
import { creations } from '../guests/created.ts';
import { guestOutOfSight, type NodeSights, nodeSights } from '../in-sight.ts';
import { nodeStatus } from '../nodes/fact.ts';
import { backupFacts, jobFacts } from './backup-facts.ts';
import { storageFacts } from './storage-facts.ts';
import { taskFacts } from './task-facts.ts';

const DAY_MS = 86_400_000;
/** Beyond this many guests, the data kept outside their rows is read for all of them. */
const ONE_BY_ONE = 500;
/** A guest created longer ago is not new, however seldom its backup job runs (ms). */
const NEW_FOR_MS = 40 * DAY_MS;

/** How much is read: guests in trouble, all guests, or their configurations as well. */
export type Depth = 'glance' | 'guests' | 'configs';

/** Everything the checks judge, read once and only as deep as they need. */
export async function healthFacts(
  context: Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring'>,
  depth: Depth,
): Promise<HealthFacts> {
  const { store, timeZone } = context;
  const offset = await clusterOffset(store);
  const now = context.now + offset;
  const nodes = await store.nodes();
  const sights = await nodeSights(store, nodes);
  const [storages, jobs, cluster, tasks, replications] = await Promise.all([
    storageFacts(store, now),
    jobFacts(store),
    clusterFacts(store),
    taskFacts(store, sights, { now, offset }),
    replicationFacts(store),
  ]);
  const lost = storages.filter(storage => storage.reach.some(one => one.active === false));
  const isGlance = depth === 'glance' && lost.length === 0;
  const guests = await guestsOf(store, isGlance);
  const configs = await configsOf(store, depth === 'configs' ? null : lost);
  // A glance reads data of few guests, however many there are.
  const keys = guests.map(guestKey);
  const subjects = isGlance && keys.length <= ONE_BY_ONE ? keys : undefined;
  const backups = await backupFacts(store, subjects);
  return {
    now,
    timeZone,
    cluster,
    nodes: await nodeFacts(store, nodes, guests, sights),
    isGlance,
    guests: await guestFacts(store, guests, { sights, configs, now, backups, subjects }),
    storages,
    jobs,
    backups,
    replications,
    haRules: await ruleFacts(store),
    tasks,
    // At a glance, drift is counted separately.
    ...(depth === 'glance' ? { drift: [], accepted: [] } : await driftFacts(context)),
  };
}

/** All guests, or only those in trouble or out of sight. */
async function guestsOf(store: StoreReader, isGlance: boolean): Promise<GuestEntity[]> {
  const filters = isGlance ? [{ troubled: true as const }, { seen: false }] : [{}];
  const lists = await Promise.all(
    filters.flatMap(filter => GUEST_TYPES.map(type => store.guests(type, filter))),
  );
  return [...new Map(lists.flatMap(({ rows }) => rows.map(row => [guestKey(row), row]))).values()];
}

type Nodes = Awaited<ReturnType<StoreReader['nodes']>>;

async function clusterFacts(store: StoreReader): Promise<HealthFacts['cluster']> {
  const [cluster, [reported], [quorum]] = await Promise.all([
    store.cluster(),
    store.details('cluster'),
    store.details('quorum'),
  ]);
  return {
    quorate: cluster?.quorate ?? null,
    haQuorum: reported?.data.haQuorum ?? null,
    votes: quorum?.data.state.votes ?? null,
    expectedVotes: quorum?.data.state.expected_votes ?? null,
    qdevice: reported?.data.qdevice ?? null,
  };
}

async function nodeFacts(
  store: StoreReader,
  nodes: Nodes,
  guests: readonly GuestEntity[],
  sights: NodeSights,
): Promise<HealthFacts['nodes']> {
  const [details, [quorum], [cluster]] = await Promise.all([
    store.details('node'),
    store.details('quorum'),
    store.details('cluster'),
  ]);
  const maintenance = cluster?.data.maintenance ?? null;
  const reported = new Map(details.map(row => [row.subject, row.data]));
  const members = nodes.map(node => {
    const { id, status, memoryMax, memoryUsage, pveVersion, unseenReason } = node;
    const facts = reported.get(id);
    const isRootKnown = !['root_gib', 'root_used_gib'].some(fact => fact in (facts?.unconfirmed ?? {}));
    const out = sights.unseen.get(id) ?? null;
    return {
      id,
      status: nodeStatus(node, sights),
      lastStatus: status,
      out,
      silent: unseenReason === null ? out : null,
      left: false,
      memoryBytes: memoryMax,
      memoryUsedBytes: memoryUsage,
      version: pveVersion,
      cpuModel: facts?.cpuModel ?? null,
      rootBytes: facts?.rootTotalBytes ?? null,
      rootUsedBytes: isRootKnown ? (facts?.rootUsedBytes ?? null) : null,
      clockAheadMs: facts?.clockAheadMs ?? null,
      certificates: facts?.certificates ?? null,
      maintenance: maintenance?.includes(id) ?? null,
      votes: quorum?.data.nodeVotes?.[id] ?? null,
    };
  });
  const known = new Set(nodes.map(node => node.id));
  const gone = [...new Set(guests.map(guest => guest.nodeId))].filter(id => !known.has(id));
  return [...members, ...gone.map(goneNode)];
}

/** A node that is no longer a member: only its name is known. */
function goneNode(id: string): HealthFacts['nodes'][number] {
  return {
    id,
    status: 'unknown',
    lastStatus: 'unknown',
    out: null,
    silent: null,
    left: true,
    memoryBytes: null,
    memoryUsedBytes: null,
    version: null,
    cpuModel: null,
    rootBytes: null,
    rootUsedBytes: null,
    clockAheadMs: null,
    certificates: null,
    maintenance: null,
    votes: null,
  };
}

interface GuestSources {
  sights: NodeSights;
  configs: ReadonlyMap<string, GuestConfigEntity>;
  backups: BackupsHealth;
  now: number;
  /** The guests whose details are read; all if undefined. */
  subjects: readonly string[] | undefined;
}

async function guestFacts(
  store: StoreReader,
  guests: readonly GuestEntity[],
  { sights, configs, backups, now, subjects }: GuestSources,
): Promise<GuestHealth[]> {
  const confinement = new Map(
    (await store.details('confinement', subjects)).map(row => [row.subject, row.data]),
  );
  const requested = new Map((await store.details('ha')).map(row => [row.subject, row.data.requested]));
  const keys = guests.map(guestKey);
  const bare = guests.filter((guest, at) => !guest.template && !backups.newest.has(keys[at]!));
  const created = await creations(
    store,
    bare.filter(guest => now - guest.createdAt < NEW_FOR_MS),
  );
  return guests.map((guest, at): GuestHealth => {
    const key = keys[at]!;
    const config = configs.get(key);
    return {
      key,
      type: guest.type,
      id: guest.id,
      name: guest.name,
      node: guest.nodeId,
      status: guest.status,
      out: guestOutOfSight(guest, sights),
      template: guest.template,
      lock: guest.lockStatus,
      seenAt: guest.lastSeen,
      pool: guest.pool,
      memoryBytes: guest.memoryBytes,
      ha: guest.haState,
      haRequested: requested.get(key) ?? null,
      apparmor: confinement.get(key)?.apparmor ?? null,
      config: config?.config ?? null,
      pending: config?.pending ?? null,
      snapshots: config?.snapshots ?? null,
      createdAt: created.get(key) ?? null,
    };
  });
}

/** The configurations that name one of these storages; all if null. */
async function configsOf(
  store: StoreReader,
  naming: readonly StorageHealth[] | null,
): Promise<Map<string, GuestConfigEntity>> {
  if (naming?.length === 0) return new Map();
  const names = naming?.map(storage => `${storage.id}:`);
  const holds = (json: string) => names === undefined || names.some(name => json.includes(name));
  const read = await Promise.all(GUEST_TYPES.map(type => store.configsHolding(type, holds)));
  return new Map(read.flat().map(config => [guestKey(config), config]));
}

async function ruleFacts(store: StoreReader): Promise<HealthFacts['haRules']> {
  return (await store.details('ha_rule'))
    .filter(row => row.data.enabled)
    .map(({ subject, data: { type, guests, nodes, strict, affinity } }) => ({
      rule: subject,
      type: type === 'resource-affinity' ? `${type}-${affinity ?? 'positive'}` : type,
      guests,
      nodes,
      strict,
    }));
}

async function replicationFacts(store: StoreReader): Promise<HealthFacts['replications']> {
  const rows = await store.details('replication');
  return rows.flatMap(({ subject, data }) =>
    data.map(({ job, target, failures, error, lastSyncAt }) => ({
      job,
      guest: subject,
      target,
      failures,
      error,
      lastSyncAt,
    })),
  );
}
