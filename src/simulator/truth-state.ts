import { givenName, isTemplate, masked, smbiosUuid, tagsOf } from './guest-facts.ts';
import { splitProperty } from './property-string.ts';
import { type SettingsSource, type TruthSetting, truthSettings } from './truth-settings.ts';
import type { ConfigValue, Guest, GuestType, Storage } from './types.ts';

/** The parts of a cluster that its state is read from. */
export interface TruthSource extends SettingsSource {
  readonly clock: { now(): number };
  readonly clusterName: string | null;
  readonly quorumLost: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly guests: ReadonlyMap<number, Guest>;
  readonly storages: ReadonlyMap<string, Storage>;
  quorate(): boolean;
}

/** A guest's actual state: raw config, tags sorted. On a node that is down, the last status it had. */
export interface TruthGuest {
  resource: string;
  type: GuestType;
  vmid: number;
  name: string | null;
  status: 'running' | 'stopped' | 'paused';
  node: string;
  tags: string[];
  pool: string | null;
  template: boolean;
  /** The running config without name, tags and template, which have their own fields. */
  config: Record<string, ConfigValue>;
  pending: Record<string, ConfigValue | { delete: 1 }>;
  /** Names of the PVE snapshots, sorted. */
  snapshots: string[];
  uuid: string | null;
  lock: string | null;
  /** When it was started (milliseconds since 1970), null while stopped. */
  startedAt: number | null;
  ha: string | null;
}

/** The whole cluster at one moment, keyed by resource. */
export interface TruthState {
  at: number;
  guests: Record<string, TruthGuest>;
  /** Undefined for a standalone node. */
  cluster?: TruthCluster;
  nodes: Record<string, { status: 'online' | 'offline'; version: string }>;
  storages: Record<string, TruthStorage>;
  /** Backup jobs, pools, high availability: `pool/prod`, `ha/vm:100`. */
  settings: Record<string, TruthSetting>;
}

/** The cluster as the answering node sees it. */
export interface TruthCluster {
  quorate: boolean;
  votes: number;
  expected_votes: number;
  /** The versions its nodes run, without duplicates, sorted. */
  versions: string[];
  /** Options of the datacenter that are set. */
  options: Record<string, string>;
}

/** A storage definition: lists sorted; `nodes` null means all. */
export interface TruthStorage {
  enabled: boolean;
  content: string[];
  nodes: string[] | null;
  shared: boolean;
  type: string;
  /** Nodes that cannot reach it now. */
  unreachable: string[];
}

/** The name of a guest in events: `vm/101` or `container/200`. */
export function resourceName(guest: { type: GuestType; vmid: number }): string {
  return `${guest.type === 'qemu' ? 'vm' : 'container'}/${guest.vmid}`;
}

/** Everything about the cluster that an observer may compare, as plain values. */
export function truthState(cluster: TruthSource): TruthState {
  const guests: TruthState['guests'] = {};
  for (const guest of cluster.guests.values()) guests[resourceName(guest)] = truthGuest(cluster, guest);
  const nodes: TruthState['nodes'] = {};
  for (const node of cluster.nodes.values()) {
    nodes[`node/${node.name}`] = { status: node.state, version: node.version };
  }
  const storages: TruthState['storages'] = {};
  for (const storage of cluster.storages.values())
    storages[`storage/${storage.storage}`] = truthStorage(storage);
  const whole = cluster.clusterName === null ? {} : { cluster: truthCluster(cluster) };
  return { at: cluster.clock.now(), guests, ...whole, nodes, storages, settings: truthSettings(cluster) };
}

/** The comparable fields of one resource by path, `{}` when it does not exist. */
export function observableOf(cluster: TruthSource, resource: string): Record<string, unknown> {
  if (resource === 'cluster')
    return cluster.clusterName === null ? {} : flattenCluster(truthCluster(cluster));
  const [kind, id] = resource.split('/') as [string, string];
  if (kind === 'node') {
    const node = cluster.nodes.get(id);
    return node === undefined ? {} : { status: node.state, version: node.version };
  }
  if (kind === 'storage') {
    const storage = cluster.storages.get(id);
    return storage === undefined ? {} : { ...truthStorage(storage) };
  }
  if (SETTINGS.has(kind)) return { ...truthSettings(cluster)[resource] };
  const guest = cluster.guests.get(Number(id));
  return guest === undefined ? {} : flattenGuest(cluster, guest);
}

const SETTINGS = new Set(['backup-job', 'pool', 'ha']);

function flattenCluster({ options, ...others }: TruthCluster): Record<string, unknown> {
  const set = Object.entries(options).map(([name, value]) => [`options.${name}`, value]);
  return { ...others, ...Object.fromEntries(set) };
}

function truthCluster(cluster: TruthSource): TruthCluster {
  const nodes = [...cluster.nodes.values()];
  const online = nodes.filter(node => node.state === 'online').length;
  return {
    quorate: cluster.quorate(),
    votes: cluster.quorumLost ? Math.min(1, online) : online,
    expected_votes: nodes.length,
    versions: [...new Set(nodes.map(node => node.version))].sort(),
    options: Object.fromEntries(Object.entries(cluster.options).filter(([, value]) => value !== '')),
  };
}

function flattenGuest(cluster: TruthSource, guest: Guest): Record<string, unknown> {
  const { name, status, node, tags, pool, template, config, pending, startedAt, ha } = truthGuest(
    cluster,
    guest,
  );
  const flat: Record<string, unknown> = { name, status, node, tags, pool, template };
  // Passing locks come and go with their task; these two say something about the guest.
  if (guest.lock === 'suspended' || guest.lock === 'suspending') flat.lock = guest.lock;
  if (startedAt !== null) flat.started_at = startedAt;
  if (ha !== null) flat.ha = ha;
  for (const [key, value] of Object.entries(config)) {
    if (key === 'parent') continue;
    const parts = splitProperty(key, value);
    if (parts === undefined) flat[`config.${key}`] = value;
    else for (const [part, text] of Object.entries(parts)) flat[`config.${key}.${part}`] = text;
  }
  for (const [key, value] of Object.entries(pending)) flat[`pending.${key}`] = value;
  for (const snapshot of guest.snapshots) flat[`snapshots.${snapshot.name}`] = snapshot.snaptime;
  return flat;
}

function truthGuest(cluster: TruthSource, guest: Guest): TruthGuest {
  const config: TruthGuest['config'] = {};
  for (const [key, value] of Object.entries(guest.config)) {
    if (key === 'tags' || key === 'template' || key === (guest.type === 'qemu' ? 'name' : 'hostname'))
      continue;
    config[key] = masked(key, value);
  }
  const pending: TruthGuest['pending'] = {};
  for (const [key, change] of guest.pending) {
    pending[key] = 'value' in change ? masked(key, change.value) : { delete: 1 };
  }
  return {
    resource: resourceName(guest),
    type: guest.type,
    vmid: guest.vmid,
    name: givenName(guest) ?? null,
    status: guest.paused ? 'paused' : guest.status,
    node: guest.node,
    tags: tagsOf(guest),
    pool: guest.pool ?? null,
    template: isTemplate(guest),
    config,
    pending,
    snapshots: guest.snapshots.map(snapshot => snapshot.name).sort(),
    uuid: smbiosUuid(guest) ?? null,
    lock: guest.lock ?? null,
    startedAt: guest.startedForBackup ? null : (guest.startedAt ?? null),
    ha: cluster.ha.get(guest.vmid)?.state ?? null,
  };
}

function truthStorage(storage: Storage): TruthStorage {
  return {
    enabled: !storage.disabled,
    content: [...storage.content].sort(),
    nodes: storage.nodes === undefined ? null : [...storage.nodes].sort(),
    shared: storage.shared,
    type: storage.type,
    unreachable: [...storage.unreachable.keys()].sort(),
  };
}
