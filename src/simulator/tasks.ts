import type { SimulatorClock } from './clock.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { Node, Task } from './types.ts';

/** What a task does: how long it runs (simulated milliseconds), how it ends, and what it changes then. */
export interface TaskPlan {
  node: Node;
  /** PVE's task type, e.g. `qmstart`. */
  type: string;
  /** What it works on, usually a vmid; may be empty. */
  id: string | number;
  /** `user@realm` or `user@realm!token`. */
  user: string;
  durationMs?: number;
  /** `OK` unless it fails: then the error text. */
  status?: string;
  log?: string[];
  onStart?: (task: Task) => void;
  /** Runs when the task ends well; a task that fails or dies with its node changes nothing. */
  onSuccess?: (task: Task) => void;
  /** Asked at the end of a task that is to succeed: the error in which it ends instead. */
  failsAtEnd?: () => string | undefined;
  /** Runs when the task is over, whichever way. */
  onEnd?: (task: Task) => void;
}

/** How tasks that calls of the API start shall go; without one they end well at once. */
export interface TaskOrder {
  /** PVE's task type, e.g. `qmstart`. */
  type: string;
  /** Simulated milliseconds until it ends; for `hastart` and `hastop`: until the HA manager acts. */
  durationMs?: number;
  /** The error it ends with. */
  fail?: string;
  /** How many tasks (1). */
  times?: number;
}

/** Every worker task of the cluster: the running ones of each node and its archive, last ended last. */
export class TaskBook {
  readonly #clock: SimulatorClock;
  readonly #log: ClusterLog;
  readonly #running = new Map<string, Task[]>();
  readonly #archive = new Map<string, Task[]>();
  readonly #byUpid = new Map<string, Task>();
  readonly #endings = new Map<Task, { cancel: () => void; plan: TaskPlan }>();

  #orders: { order: TaskOrder; left: number }[] = [];

  constructor(clock: SimulatorClock, log: ClusterLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Says how the next tasks of a type shall go. */
  order(order: TaskOrder): void {
    this.#orders.push({ order, left: order.times ?? 1 });
  }

  /** The oldest order for a task of this type, counted as used. */
  takeOrder(type: string): TaskOrder | undefined {
    const found = this.#orders.find(each => each.order.type === type);
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#orders = this.#orders.filter(each => each !== found);
    return found.order;
  }

  /** Starts a task and returns its UPID. Without a duration it has ended when this returns. */
  run(plan: TaskPlan): string {
    const task = this.#create(plan, this.#clock.now());
    list(this.#running, task.node).push(task);
    this.#log.add(plan.node, { user: task.user, pid: task.pid, msg: `starting task ${task.upid}` });
    plan.onStart?.(task);
    const duration = plan.durationMs ?? 0;
    if (duration <= 0) this.#finish(task, plan);
    else {
      const cancel = this.#clock.schedule(this.#clock.now() + duration, () => this.#finish(task, plan));
      this.#endings.set(task, { cancel, plan });
    }
    return task.upid;
  }

  /** Puts a finished task of the past into the archive; call in order of end. Times in milliseconds. */
  addPast(plan: TaskPlan, start: number, end: number): void {
    const task = this.#create(plan, start);
    task.endtime = Math.floor(end / 1000);
    task.status = plan.status ?? 'OK';
    task.log.push(lastLine(task.status));
    list(this.#archive, task.node).push(task);
  }

  /** Ends every running task of a node that died: nobody wrote their result. */
  abort(node: string): void {
    for (const task of [...list(this.#running, node)]) {
      const ending = this.#endings.get(task);
      ending?.cancel();
      this.#end(task, 'unexpected status', 0);
      ending?.plan.onEnd?.(task);
    }
  }

  /** Forgets the tasks of a node that is set up anew. */
  forget(node: string): void {
    this.abort(node);
    this.#archive.delete(node);
  }

  /** Oldest start first. */
  running(node: string): readonly Task[] {
    return list(this.#running, node);
  }

  /** Finished tasks, last ended first. */
  finished(node: string): Task[] {
    return list(this.#archive, node).toReversed();
  }

  /** Of whatever node, running or over. */
  find(upid: string): Task | undefined {
    return this.#byUpid.get(upid);
  }

  /** All tasks there ever were, in order of creation. */
  all(): Task[] {
    return [...this.#byUpid.values()];
  }

  #create(plan: TaskPlan, now: number): Task {
    const { node } = plan;
    const pid = node.nextPid;
    node.nextPid += 1 + (pid % 7);
    const pstart = Math.max(1, Math.floor((now - node.startedAt) / 10));
    const starttime = Math.floor((now + node.clockOffsetMs) / 1000);
    const id = String(plan.id);
    const upid = `UPID:${node.name}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${plan.type}:${id}:${plan.user}:`;
    const task = {
      upid,
      node: node.name,
      pid,
      pstart,
      starttime,
      type: plan.type,
      id,
      user: plan.user,
      log: [...(plan.log ?? [])],
    };
    this.#byUpid.set(upid, task);
    return task;
  }

  #finish(task: Task, plan: TaskPlan): void {
    const planned = plan.status ?? 'OK';
    const status = (succeeds(planned) ? plan.failsAtEnd?.() : undefined) ?? planned;
    if (succeeds(status)) plan.onSuccess?.(task);
    this.#end(task, status, plan.node.clockOffsetMs);
    const ok = status === 'OK';
    this.#log.add(plan.node, {
      user: task.user,
      pid: task.pid,
      pri: ok ? 6 : 3,
      msg: `end task ${task.upid} ${status}`,
    });
    plan.onEnd?.(task);
  }

  #end(task: Task, status: string, clockOffsetMs: number): void {
    this.#endings.delete(task);
    const running = list(this.#running, task.node);
    running.splice(running.indexOf(task), 1);
    task.endtime = Math.max(task.starttime, Math.floor((this.#clock.now() + clockOffsetMs) / 1000));
    task.status = status;
    task.log.push(lastLine(status));
    list(this.#archive, task.node).push(task);
  }
}

function succeeds(status: string): boolean {
  return status === 'OK' || status.startsWith('WARNINGS');
}

function lastLine(status: string): string {
  return succeeds(status) ? `TASK ${status}` : `TASK ERROR: ${status}`;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function list(map: Map<string, Task[]>, node: string): Task[] {
  const tasks = map.get(node) ?? [];
  map.set(node, tasks);
  return tasks;
}
