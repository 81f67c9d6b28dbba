import type { SimulatorClock } from './clock.ts';
import { ClusterLog } from './cluster-log.ts';
import { currentFacts } from './guest-facts.ts';
import { Random } from './prng.ts';
import { Access } from './rights.ts';
import { TaskBook } from './tasks.ts';
import { Truth, type TruthCause } from './truth.ts';
import { resourceName } from './truth-state.ts';
import type {
  BackupJob,
  FirewallRule,
  Guest,
  HaGroup,
  HaResource,
  HaRule,
  Node,
  PublishedFacts,
  ReplicationJob,
  Storage,
  Volume,
} from './types.ts';

/** The whole simulated cluster: what the routes read and the mutations change. */
export class ClusterState {
  readonly clock: SimulatorClock;
  readonly seed: number;
  /** For generated values (uuids, MAC addresses); separate from the order of answers. */
  readonly random: Random;
  clusterName: string | null;
  readonly clusterUuid: string;
  readonly rowLagMs: number;
  /** When the simulation began (milliseconds since 1970). */
  readonly begunAt: number;
  readonly nodes = new Map<string, Node>();
  readonly guests = new Map<number, Guest>();
  readonly storages = new Map<string, Storage>();
  /** Number of writes to `storage.cfg`: its lists are written in a different order each time, so no digest occurs twice. */
  storageWrites = 0;
  /** `datacenter.cfg` and each node's own config file. */
  readonly options: Record<string, string> = { keyboard: 'en-us', mac_prefix: 'BC:24:11', description: '' };
  readonly nodeConfigs = new Map<string, Record<string, string>>();
  /** Firewall rules of guests, first to last. */
  readonly firewallRules = new Map<number, FirewallRule[]>();
  /** Bridges that every node has. */
  readonly bridges = new Set(['vmbr0', 'vmbr1']);
  readonly pools = new Map<string, { comment?: string }>();
  readonly ha = new Map<number, HaResource>();
  /** Vmids of clones that are still being made. */
  readonly reservedVmids = new Set<number>();
  volumes: Volume[] = [];
  /** Sizes as PVE writes them (`8G`) by volume id, for disks without a size in any config, such as unused ones. */
  readonly diskSizes = new Map<string, string>();
  backupJobs: BackupJob[] = [];
  replicationJobs: ReplicationJob[] = [];
  /** Rules of high availability; if undefined, one that prefers nodes for the first guest, if that is managed. */
  haRules: HaRule[] | undefined;
  /** Groups of high availability before Proxmox VE 9, which had no rules; undefined since. */
  haGroups: HaGroup[] | undefined;
  /** The status reported by the QDevice; empty if there is none. */
  qdevice: { [name: string]: string } = {};
  readonly log: ClusterLog;
  readonly tasks: TaskBook;
  readonly truth: Truth;
  readonly access: Access;
  /** Counts mutations, so that computed rows know when they are outdated. */
  version = 0;
  /** Quorum taken away by force, whatever the number of nodes. */
  quorumLost = false;
  /** Guests created by the majority since then, which the nodes cut off from it do not know. */
  readonly madeElsewhere = new Set<number>();

  constructor(options: {
    clock: SimulatorClock;
    seed: number;
    clusterName: string | null;
    rowLagMs: number;
  }) {
    this.clock = options.clock;
    this.clock.onTimer = () => {
      this.version++;
    };
    this.begunAt = options.clock.now();
    this.seed = options.seed;
    this.clusterName = options.clusterName;
    this.rowLagMs = options.rowLagMs;
    this.random = new Random(options.seed ^ 0x5bd1e995);
    this.clusterUuid = this.random.uuid();
    this.log = new ClusterLog(this.clock);
    this.tasks = new TaskBook(this.clock, this.log);
    this.truth = new Truth(this);
    this.access = new Access(vmid => this.guests.get(vmid)?.pool);
  }

  /** Whether the majority of nodes is online. */
  quorate(): boolean {
    if (this.quorumLost) return false;
    const nodes = [...this.nodes.values()];
    return nodes.filter(node => node.state === 'online').length * 2 > nodes.length;
  }

  /** Whether a node counts another as online; a node that is cut off sees only itself. */
  sees(entry: Node, node: Node): boolean {
    return node.state === 'online' && (node === entry || !this.quorumLost);
  }

  /** Whether the answering node has a guest in its copy of the cluster's files. */
  hears(vmid: number): boolean {
    return !(this.quorumLost && this.madeElsewhere.has(vmid));
  }

  /** @throws Error if it does not exist: a mistake in the test, not an answer of the API */
  node(name: string): Node {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`the simulated cluster has no node ${name}`);
    return node;
  }

  /** The time by a node's own clock in whole seconds, which it uses for dates. */
  nodeSeconds(name: string): number {
    return Math.floor((this.clock.now() + this.node(name).clockOffsetMs) / 1000);
  }

  /** @throws Error like `node` */
  guest(vmid: number): Guest {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new Error(`the simulated cluster has no guest ${vmid}`);
    return guest;
  }

  /** @throws Error like `node` */
  storage(name: string): Storage {
    const storage = this.storages.get(name);
    if (storage === undefined) throw new Error(`the simulated cluster has no storage ${name}`);
    return storage;
  }

  /** Changes a guest: records the change in the truth, and delays its list row if rows lag. */
  changeGuest(guest: Guest, cause: TruthCause | undefined, act: () => void): void {
    const facts = this.rowLagMs > 0 ? currentFacts(this, guest) : null;
    this.truth.watch(resourceName(guest), cause, act);
    if (facts !== null && JSON.stringify(facts) !== JSON.stringify(currentFacts(this, guest)))
      this.lag(guest, facts);
  }

  /** Keeps the row of a guest at `facts` (null: nothing known yet) until its node publishes again. */
  lag(guest: Guest, facts: PublishedFacts | null): void {
    if (this.rowLagMs <= 0) return;
    const now = this.clock.now();
    if (guest.lagging !== undefined && guest.lagging.until > now) return;
    const phase = (this.nodes.get(guest.node)?.id ?? 0) * 3137;
    const until = now + this.rowLagMs - ((now + phase) % this.rowLagMs);
    guest.lagging = { until, facts };
  }
}
