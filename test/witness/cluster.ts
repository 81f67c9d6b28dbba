/*
 * A cluster with a truth of its own, to look over the product's shoulder. It shares nothing with the simulator: every
 * fact is a line in time, and what an API would answer at a moment is read off these lines.
 */

/** One value a fact had. It came about between `at` and `until` (ms): what takes minutes shows somewhere in between. */
export interface Turn {
  value: unknown;
  at: number;
  until: number;
  /** Who did it; null where nobody did, or nothing could tell. */
  user: string | null;
  /** Whether a task or a line of the log names who did it. */
  told: boolean;
}

export type Kind = 'vm' | 'container';

/** One life of a VMID. Its facts have the paths that history calls them by. */
export interface Life {
  key: string;
  kind: Kind;
  vmid: number;
  uuid: string;
  /** When it was made by the clock of the node it was made on (ms); a clone bears that of its original. */
  ctime: number;
  born: Turn;
  died: Turn | null;
  facts: Map<string, Turn[]>;
  /** When its process began where it runs now (ms); null while it is off. */
  boot: number | null;
  /** When it came running to another node (ms). */
  moves: number[];
  /** A task keeps it busy until then. */
  busy: number;
  lock: string | null;
  snapshots: {
    name: string;
    at: number;
    parent: string | null;
    state: 'prepare' | 'delete' | null;
    memory: number;
  }[];
  parent: string | null;
}

export interface Task {
  node: string;
  type: string;
  id: string;
  user: string;
  start: number;
  /** Null while it runs. */
  end: number | null;
  status: string;
  log: readonly string[];
  /** Its number, and when its process began: in hundredths of a second since its node's boot. */
  pid: number;
  ticks: number;
  /** How far its node's clock was ahead then (ms). */
  ahead: number;
}

export interface NodeTruth {
  name: string;
  on: boolean;
  /** Its API does not answer. */
  hung: boolean;
  /** Its statistics daemon does not. */
  mute: boolean;
  boot: number;
  /** How far its clock is ahead (ms). */
  ahead: number;
  /** When it was last set (ms). */
  aheadSince: number;
  facts: Map<string, Turn[]>;
  tasks: Task[];
  member: boolean;
  /** What it last broadcast, and when. */
  told: { at: number; uptime: number } | null;
}

/** What a node last broadcast of a VMID: whose it is, nobody asks. */
export interface Stats {
  at: number;
  name: string | null;
  status: string;
  uptime: number;
  template: boolean;
  kind: Kind;
}

const BROADCAST_MS = 10_000;

export class Cluster {
  t: number;
  readonly nodes = new Map<string, NodeTruth>();
  readonly lives: Life[] = [];
  readonly quorum: Turn[] = [];
  readonly log: { node: string; at: number; user: string; msg: string; n: number; ahead: number }[] = [];
  readonly stats = new Map<number, Stats>();
  readonly pools = ['blue', 'red'];
  readonly #later: { at: number; run: () => void }[] = [];
  #number = 0;
  /** When anything last happened (ms). */
  moved: number;

  constructor(at: number) {
    this.t = at;
    this.moved = at;
    this.quorum.push({ value: true, at, until: at, user: null, told: false });
    for (const name of ['pve1', 'pve2', 'pve3']) this.addNode(name, at - 86_400_000);
  }

  addNode(name: string, boot: number): void {
    const turn = (value: unknown): Turn => ({ value, at: this.t, until: this.t, user: null, told: false });
    this.nodes.set(name, {
      name,
      on: true,
      hung: false,
      mute: false,
      boot,
      ahead: 0,
      aheadSince: boot,
      member: true,
      tasks: [],
      told: null,
      facts: new Map([
        ['status', [turn('online')]],
        ['started_at', [{ ...turn(boot), at: boot }]],
      ]),
    });
  }

  /** Whether the node that answers is of the majority. */
  get quorate(): boolean {
    return this.quorum.at(-1)!.value as boolean;
  }

  /** Up to when the node that answers has heard of the others (ms). */
  get heard(): number {
    return this.quorate ? this.t : this.quorum.at(-1)!.at;
  }

  user(): string {
    return `u${++this.#number}@pam`;
  }

  number(): number {
    return ++this.#number;
  }

  after(ms: number, run: () => void): void {
    this.#later.push({ at: this.t + ms, run });
  }

  /** Lets time pass: what was to happen happens, and nodes broadcast. */
  advance(ms: number): void {
    const end = this.t + ms;
    for (;;) {
      const tick = Math.floor(this.t / BROADCAST_MS + 1) * BROADCAST_MS;
      this.#later.sort((a, b) => a.at - b.at);
      const next = this.#later[0];
      if (next !== undefined && next.at <= Math.min(tick, end)) {
        this.#later.shift();
        this.t = Math.max(this.t, next.at);
        this.moved = this.t;
        next.run();
      } else if (tick <= end) {
        this.t = tick;
        this.#broadcast();
      } else break;
    }
    this.t = end;
  }

  get busy(): boolean {
    return this.#later.length > 0;
  }

  #broadcast(): void {
    for (const node of this.nodes.values()) {
      if (!node.on || node.mute || (!this.quorate && node.name !== 'pve1')) continue;
      node.told = { at: this.t, uptime: Math.floor((this.t - node.boot) / 1000) };
      for (const life of this.alive()) {
        if (now(life, 'node') !== node.name) continue;
        this.stats.set(life.vmid, {
          at: this.t,
          name: now(life, 'name') as string | null,
          status: now(life, 'status') as string,
          uptime: life.boot === null ? 0 : Math.floor((this.t - life.boot) / 1000),
          template: now(life, 'template') as boolean,
          kind: life.kind,
        });
      }
    }
  }

  alive(): Life[] {
    return this.lives.filter(life => life.died === null);
  }

  /** Those that the node that answers has heard of. */
  known(): Life[] {
    return this.lives.filter(
      life => life.born.at <= this.heard && (life.died === null || life.died.at > this.heard),
    );
  }

  turn(value: unknown, user: string | null, told: boolean, at = this.t, until = at): Turn {
    return { value, at, until, user, told };
  }

  set(life: Life, path: string, value: unknown, user: string | null = null, told = false, at = this.t): void {
    const turns = life.facts.get(path) ?? [];
    if ((turns.at(-1)?.value ?? null) === value) return;
    turns.push(this.turn(value, user, told, at, this.t));
    life.facts.set(path, turns);
    this.moved = this.t;
  }

  birth(
    kind: Kind,
    vmid: number,
    node: string,
    user: string | null,
    told: boolean,
    given: { [path: string]: unknown } = {},
  ): Life {
    const n = this.number();
    const life: Life = {
      key: `${kind}/${vmid}`,
      kind,
      vmid,
      uuid: `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      ctime: this.t + this.nodes.get(node)!.ahead,
      born: this.turn(null, user, told),
      died: null,
      facts: new Map(),
      boot: null,
      moves: [],
      busy: 0,
      lock: null,
      snapshots: [],
      parent: null,
    };
    const facts = {
      name: `g${n}`,
      status: 'stopped',
      node,
      tags: '',
      pool: null,
      template: false,
      ha: null,
      'config.memory': 512 + (n % 5) * 256,
      'config.cores': 1 + (n % 4),
      ...(kind === 'vm' && {
        'config.vmgenid': `${n.toString(16).padStart(8, '0')}-1111-4000-8000-000000000000`,
      }),
      ...given,
    };
    for (const [path, value] of Object.entries(facts))
      if (value !== null) this.set(life, path, value, user, told);
    this.lives.push(life);
    this.moved = this.t;
    return life;
  }

  death(life: Life, user: string | null, told: boolean): void {
    life.died = this.turn(null, user, told);
    this.moved = this.t;
  }

  /** Begins a task: its node lists it at once, as one that runs. */
  begin(node: string, type: string, id: number, user: string, log: readonly string[] = []): Task {
    const { ahead, boot, tasks } = this.nodes.get(node)!;
    const ticks = Math.floor((this.t - boot) / 10);
    const task = { node, type, id: String(id), user, start: this.t, end: null, status: 'OK', log };
    tasks.push({ ...task, pid: this.number(), ticks, ahead });
    this.moved = this.t;
    return tasks.at(-1)!;
  }

  end(task: Task, status = 'OK'): void {
    Object.assign(task, { end: this.t, status });
    this.moved = this.t;
  }

  /** Writes a line of the log on the node that a guest stands on. */
  line(life: Life, user: string, msg: string): void {
    const node = String(now(life, 'node'));
    const { ahead } = this.nodes.get(node)!;
    this.log.push({ node, at: this.t, user, msg, n: this.number(), ahead });
  }

  edit(life: Life, user: string, text: string): boolean {
    if (life.kind !== 'vm') return false;
    this.line(life, user, `update VM ${life.vmid}: ${text}`);
    return true;
  }
}

/** What a fact is. */
export function now(life: { facts: Map<string, Turn[]> }, path: string): unknown {
  return life.facts.get(path)?.at(-1)?.value ?? null;
}

/** ... and was at a moment. */
export function at(life: { facts: Map<string, Turn[]> }, path: string, moment: number): unknown {
  return life.facts.get(path)?.findLast(turn => turn.until <= moment)?.value ?? null;
}
