/** A config value as PVE sends it. VMs have strings where one would expect numbers (`memory` "2048"); containers do not. */
export type ConfigValue = string | number;

/** PVE's own names for the two kinds of guests. */
export type GuestType = 'qemu' | 'lxc';

/** A change that waits for a guest's next start: a new value, or the removal of the key. */
export type PendingValue = { value: ConfigValue } | { delete: 1 | 2 };

/** A PVE snapshot of a guest, with the config it had. Times in seconds since 1970. */
export interface GuestSnapshot {
  name: string;
  description: string;
  snaptime: number;
  parent?: string;
  vmstate: 0 | 1;
  config: Record<string, ConfigValue>;
}

/** The part of a guest that `pvestatd` publishes every ten seconds, so that list rows may be outdated. */
export interface PublishedFacts {
  name: string;
  status: 'running' | 'stopped';
  /** The state QEMU reports for a running VM unless it is `running`; the cluster's row shows it. */
  qmpstatus?: 'paused' | 'prelaunch' | PassingState | undefined;
  startedAt: number | undefined;
  maxmem: number;
  maxcpu: number;
  maxdisk: number;
}

/** Temporary states of QEMU during a snapshot, a rollback or a migration. */
export type PassingState = 'inmigrate' | 'postmigrate' | 'finish-migrate' | 'save-vm' | 'restore-vm';

/** A VM or container of the cluster. */
export interface Guest {
  vmid: number;
  type: GuestType;
  node: string;
  /** While its node is down, the status it had, since nothing else is known. */
  status: 'running' | 'stopped';
  /** When it was started, in milliseconds since 1970; undefined while stopped. */
  startedAt: number | undefined;
  /** The running config in the file; `pending` is separate. */
  config: Record<string, ConfigValue>;
  pending: Map<string, PendingValue>;
  snapshots: GuestSnapshot[];
  /** Raw lines of a container, which its config includes and its pending rows do not. */
  lxc?: [key: string, value: string][];
  /** A snapshot in the making: it is in the list, dated at its beginning, but not usable yet. */
  making?: GuestSnapshot;
  /** The name of the snapshot being deleted. */
  removing?: string;
  pool?: string;
  lock?: string;
  /** When a running VM arrived from another node: its uptime counts from there, though it was not started. */
  cameAt?: number | undefined;
  /** VM paused in memory: the node's rows say `running`, `qmpstatus` and the cluster's rows say `paused`. */
  paused?: boolean;
  /** A temporary state of QEMU, such as saving the memory for a snapshot. */
  passing?: PassingState;
  /** A stopped VM that vzdump has started (not resumed) for its backup. */
  startedForBackup?: boolean;
  /** QEMU does not answer its monitor: the node reports `running` for anything that has a process. */
  qemuSilent?: boolean;
  /** It refuses to release devices, so that unplugging has to wait. */
  refusesUnplug?: boolean;
  /** It ignores requests to shut down. */
  ignoresShutdown?: boolean;
  /** Another call holds the lock of its config file, so that writes wait for it in vain. */
  configHeld?: boolean;
  /** Values in effect in a running container although its config says otherwise, after a hot-plug that failed half-way. */
  inForce?: Record<string, ConfigValue>;
  /** Whether the guest agent inside answers, if the config enables it. */
  agentAnswers: boolean;
  /** Makes measured values differ between guests. */
  salt: number;
  /** What list rows show until the node publishes again; null: not published yet. */
  lagging?: { until: number; facts: PublishedFacts | null };
}

/** A cluster node. */
export interface Node {
  name: string;
  id: number;
  ip: string;
  state: 'online' | 'offline';
  /** When it went down, in milliseconds since 1970. */
  downAt: number | undefined;
  /** Set while its API hangs although it is online: how long a forwarded call waits before 596. */
  frozenMs: number | undefined;
  /** Writes it has received since then and not processed yet. */
  received?: (() => unknown)[];
  /** High availability has put it into maintenance. */
  maintenance?: boolean;
  /** Since when it fails to measure its guests, in milliseconds since 1970. */
  unmeasuredSince?: number | undefined;
  startedAt: number;
  version: string;
  cpus: number;
  memory: number;
  rootfs: number;
  /** How far the node's own clock is ahead of the cluster's, in milliseconds. */
  clockOffsetMs: number;
  salt: number;
  /** Next process id, and next number of a log line. */
  nextPid: number;
  nextLogId: number;
}

/** A storage definition (`/etc/pve/storage.cfg`) with the state of its mounts. */
export interface Storage {
  storage: string;
  type: string;
  content: string[];
  shared: boolean;
  disabled: boolean;
  /** Restricted to these nodes; undefined: all. */
  nodes: string[] | undefined;
  /** Further keys of the definition, such as `path`, `server`, `pool`. */
  options: Record<string, ConfigValue>;
  total: number;
  /** Share of `total` that is used at the start, 0 to 1. */
  usedFraction: number;
  /** Bytes it grows by each day. */
  growsBy: number;
  /** When it was filled or emptied since (milliseconds since 1970), and to which share of `total`, oldest first. */
  fills: { at: number; share: number }[];
  /** Nodes that cannot reach it, with the time since when (milliseconds since 1970). */
  unreachable: Map<string, number>;
  salt: number;
}

/** A volume other than a guest's disk: backup archive, ISO image or container template. */
export interface Volume {
  volid: string;
  storage: string;
  /** The node that holds it, if the storage is not shared. */
  node: string | undefined;
  content: 'backup' | 'iso' | 'vztmpl';
  format: string;
  size: number;
  ctime: number;
  vmid?: number;
  subtype?: GuestType;
  notes?: string;
  /** The config inside a backup archive. */
  saved?: { type: GuestType; config: Record<string, ConfigValue> };
}

/** A worker task. Times in seconds since 1970; no `endtime` while it runs. */
export interface Task {
  upid: string;
  node: string;
  pid: number;
  pstart: number;
  starttime: number;
  type: string;
  id: string;
  /** `user@realm` or `user@realm!token`. */
  user: string;
  endtime?: number;
  status?: string;
  log: string[];
}

/** A line of the cluster log. */
export interface LogLine {
  uid: number;
  node: string;
  time: number;
  pri: number;
  tag: string;
  pid: number;
  user: string;
  msg: string;
}

/** The HA manager's states between those that can be requested. */
export type HaPassingState = 'queued' | 'request_start' | 'request_stop' | 'migrate' | 'relocate' | 'freeze';

/** A guest under high availability. */
export interface HaResource {
  sid: string;
  vmid: number;
  state: 'started' | 'stopped' | 'ignored' | 'disabled';
  comment?: string;
  maxRestart?: number;
  /** The manager's state of the resource; follows `state` unless a node died. */
  crmState: string;
}

/** A rule of a guest's firewall, identified only by its position. */
export interface FirewallRule {
  type: 'in' | 'out';
  action: string;
  enable: 0 | 1;
  proto?: string;
  dport?: string;
  comment?: string;
}

/** A rule of high availability (`/cluster/ha/rules`). */
export interface HaRule {
  rule: string;
  type: 'node-affinity' | 'resource-affinity';
  /** `vm:100,ct:200`. */
  resources: string;
  /** `pve1:2,pve2`, for a node affinity. */
  nodes?: string;
  strict?: 0 | 1;
  affinity?: 'positive' | 'negative';
  disable?: 0 | 1;
}

/** A group of nodes for high availability, before Proxmox VE 9. */
export interface HaGroup {
  group: string;
  /** `pve1:2,pve2`. */
  nodes: string;
  restricted?: 0 | 1;
  /** VMIDs of its guests. */
  guests: readonly number[];
}

/** A backup job of the datacenter. */
export interface BackupJob {
  id: string;
  enabled: 0 | 1;
  schedule: string;
  storage: string;
  mode: string;
  comment?: string;
  all?: 1;
  vmid?: string;
  pool?: string;
  exclude?: string;
  'prune-backups'?: Record<string, string>;
}

/** A replication job (`/cluster/replication`). */
export interface ReplicationJob {
  id: string;
  guest: number;
  jobnum: number;
  target: string;
  schedule: string;
  type: 'local';
}
