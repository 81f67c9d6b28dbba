import { ApiError } from '../api-error.ts';
import type { ApiRequest } from '../route.ts';
import type { Guest, Task } from '../types.ts';
import type { TaskOptions } from '../world/act.ts';

/** A task started by an API call. The call returns its UPID, however the task ends. */
export interface ApiTask {
  type: string;
  /** What it works on; by default the VMID in the path. */
  id?: string;
  log?: string[];
  /** Why it cannot be done; checked when it starts and again when it ends. */
  refuse?: (() => string | undefined) | undefined;
  onStart?: (task: Task) => void;
  /** What it does at its end. An ApiError thrown here becomes the task's error. */
  act: (task: Task) => void;
  /** How long it takes in simulated milliseconds, unless an order says otherwise. */
  durationMs?: number;
}

/** Runs a task as ordered by a test (immediately by default) and returns its UPID. */
export function runApiTask({ state, path, account }: ApiRequest, task: ApiTask): string {
  const order = state.tasks.takeOrder(task.type);
  const refused = task.refuse?.();
  let running: Task;
  return state.tasks.run({
    node: state.node(path.node!),
    type: task.type,
    id: task.id ?? path.vmid!,
    user: account.id,
    durationMs: refused === undefined ? (order?.durationMs ?? task.durationMs ?? 0) : 0,
    status: refused ?? order?.fail ?? 'OK',
    log: task.log ?? [],
    onStart: started => {
      running = started;
      task.onStart?.(started);
    },
    failsAtEnd: () => {
      const late = task.refuse?.();
      if (late !== undefined) return late;
      try {
        task.act(running);
      } catch (error) {
        if (error instanceof ApiError) return taskError(error);
        throw error;
      }
      return undefined;
    },
  });
}

/** The error of a task, on a single line as in its status. */
function taskError({ status, message, errors }: ApiError): string {
  if (status === 403) return `403 ${message}`;
  if (errors === undefined) return message;
  const problems = Object.entries(errors).map(([name, text]) => `${name}: ${text.trim()}`);
  return `${status} ${message} ${problems.join(' ')}`;
}

/** The guest in a path as a task finds it, or why it is not there. */
export function guestOrProblem({ state, path }: ApiRequest, type: Guest['type']): Guest | string {
  const guest = state.guests.get(Number(path.vmid));
  if (guest?.type === type && guest.node === path.node) return guest;
  const folder = type === 'qemu' ? 'qemu-server' : 'lxc';
  return `Configuration file 'nodes/${path.node}/${folder}/${path.vmid}.conf' does not exist`;
}

/** The order for one of the world's own tasks, as its mutations take it. */
export function ordered({ state, account }: ApiRequest, type: string): TaskOptions {
  const order = state.tasks.takeOrder(type);
  return {
    user: account.id,
    ...(order?.durationMs === undefined ? {} : { durationMs: order.durationMs }),
    ...(order?.fail === undefined ? {} : { fail: order.fail }),
  };
}

/** What PVE answers to changes of a locked guest; undefined without a lock. */
export function lockedText(guest: Guest): string | undefined {
  return guest.lock === undefined
    ? undefined
    : `${guest.type === 'qemu' ? 'VM' : 'CT'} is locked (${guest.lock})`;
}
