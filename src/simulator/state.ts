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
  /** For what mutations make up (uuids, MAC addresses), apart from the order of answers. */
  readonly random: Random;
  clusterName: string | null;
  readonly clusterUuid: string;
  readonly rowLagMs: number;
  /** When the cluster began to be simulated (milliseconds since 1970). */
  readonly begunAt: number;
  readonly nodes = new Map<string, Node>();
  readonly guests = new Map<number, Guest>();
  readonly storages = new Map<string, Storage>();
  /** Writes of `storage.cfg`: its lists are written in another order each time, so its digest never comes back. */
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
  /** Sizes as PVE writes them (`8G`) of disks by volume id, where no config says one: an unused disk's entry has none. */
  readonly diskSizes = new Map<string, string>();
  backupJobs: BackupJob[] = [];
  replicationJobs: ReplicationJob[] = [];
  /** Rules of high availability; undefined: one that prefers nodes for the first guest, where that is under it. */
  haRules: HaRule[] | undefined;
  /** Groups of high availability, of a cluster before Proxmox VE 9, which has no rules; undefined since. */
  haGroups: HaGroup[] | undefined;
  /** What the QDevice says of itself; empty: there is none. */
  qdevice: { [name: string]: string } = {};
  readonly log: ClusterLog;
  readonly tasks: TaskBook;
  readonly truth: Truth;
  readonly access: Access;
  /** Counts mutations, so that computed rows know when they are out of date. */
  version = 0;
  /** Quorum taken away by force, whatever the nodes' number. */
  quorumLost = false;
  /** Guests that the majority made since then: those cut off from it know nothing of them. */
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

  /** Whether a node counts another as online: one that is cut off sees only itself. */
  sees(entry: Node, node: Node): boolean {
    return node.state === 'online' && (node === entry || !this.quorumLost);
  }

  /** Whether the node that answers has a guest in its copy of the cluster's files. */
  hears(vmid: number): boolean {
    return !(this.quorumLost && this.madeElsewhere.has(vmid));
  }

  /** @throws Error where there is none: a mistake of the test, not an answer of the API. */
  node(name: string): Node {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`the simulated cluster has no node ${name}`);
    return node;
  }

  /** A node's own clock in whole seconds: what it dates by. */
  nodeSeconds(name: string): number {
    return Math.floor((this.clock.now() + this.node(name).clockOffsetMs) / 1000);
  }

  /** @throws Error as `node`. */
  guest(vmid: number): Guest {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new Error(`the simulated cluster has no guest ${vmid}`);
    return guest;
  }

  /** @throws Error as `node`. */
  storage(name: string): Storage {
    const storage = this.storages.get(name);
    if (storage === undefined) throw new Error(`the simulated cluster has no storage ${name}`);
    return storage;
  }

  /** Changes a guest: notes what changed in the truth, and lets its list row lag where that is wanted. */
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
