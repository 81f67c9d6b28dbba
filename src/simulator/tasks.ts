import type { SimulatorClock } from './clock.ts';
import type { ClusterLog } from './cluster-log.ts';
import type { Node, Task } from './types.ts';

/** A task to run: how long it takes (simulated milliseconds), how it ends, and what it changes then. */
export interface TaskPlan {
  node: Node;
  /** PVE's task type, e.g. `qmstart`. */
  type: string;
  /** What it works on, usually a vmid; may be empty. */
  id: string | number;
  /** `user@realm` or `user@realm!token`. */
  user: string;
  durationMs?: number;
  /** `OK` or the error text. */
  status?: string;
  log?: string[];
  onStart?: (task: Task) => void;
  /** Runs when the task ends well; a task that fails or dies with its node changes nothing. */
  onSuccess?: (task: Task) => void;
  /** Called at the end of a task that is to succeed: the error it ends with instead, if any. */
  failsAtEnd?: () => string | undefined;
  /** Runs when the task is over, however it ended. */
  onEnd?: (task: Task) => void;
}

/** How tasks started by API calls should run; by default they succeed immediately. */
export interface TaskOrder {
  /** PVE's task type, e.g. `qmstart`. */
  type: string;
  /** Simulated milliseconds until it ends; for `hastart` and `hastop`: until the HA manager acts. */
  durationMs?: number;
  /** The error it ends with. */
  fail?: string;
  /** Number of tasks (1). */
  times?: number;
}

/** All worker tasks of the cluster: those running on each node, and its archive in order of their end. */
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

  /** Sets how the next tasks of a type should run. */
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

  /** Starts a task and returns its UPID. Without a duration it has ended on return. */
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

  /** Puts a finished task of the past into the archive; to be called in order of end. Times in milliseconds. */
  addPast(plan: TaskPlan, start: number, end: number): void {
    const task = this.#create(plan, start);
    task.endtime = Math.floor(end / 1000);
    task.status = plan.status ?? 'OK';
    task.log.push(lastLine(task.status));
    list(this.#archive, task.node).push(task);
  }

  /** Ends every running task of a node that died; no result was written. */
  abort(node: string): void {
    for (const task of [...list(this.#running, node)]) {
      const ending = this.#endings.get(task);
      ending?.cancel();
      this.#end(task, 'unexpected status', 0);
      ending?.plan.onEnd?.(task);
    }
  }

  /** Forgets the tasks of a reinstalled node. */
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

  /** A task on any node, running or finished. */
  find(upid: string): Task | undefined {
    return this.#byUpid.get(upid);
  }

  /** All tasks ever, in order of creation. */
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
