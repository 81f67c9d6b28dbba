import type { ClusterState } from '../state.ts';
import type { TruthCause } from '../truth.ts';
import type { Guest, Task } from '../types.ts';

/** Who acts: `root@pam` by default; a token as `user@realm!name`. */
export interface By {
  user?: string;
}

/** How a task runs: simulated milliseconds (0: over immediately) and, if it should fail, the error text. */
export interface TaskOptions extends By {
  durationMs?: number;
  fail?: string;
}

/** The default user. */
export const root = 'root@pam';

/** PVE's task types for an action on either kind of guest. */
const taskTypes: Record<string, [string, string]> = {
  clone: ['qmclone', 'vzclone'],
  config: ['qmconfig', 'vzconfig'],
  create: ['qmcreate', 'vzcreate'],
  delsnapshot: ['qmdelsnapshot', 'vzdelsnapshot'],
  destroy: ['qmdestroy', 'vzdestroy'],
  migrate: ['qmigrate', 'vzmigrate'],
  reboot: ['qmreboot', 'vzreboot'],
  reset: ['qmreset', 'vzreset'],
  resize: ['resize', 'resize'],
  restore: ['qmrestore', 'vzrestore'],
  resume: ['qmresume', 'vzresume'],
  rollback: ['qmrollback', 'vzrollback'],
  shutdown: ['qmshutdown', 'vzshutdown'],
  snapshot: ['qmsnapshot', 'vzsnapshot'],
  start: ['qmstart', 'vzstart'],
  stop: ['qmstop', 'vzstop'],
  pause: ['qmpause', 'vzsuspend'],
  suspend: ['qmsuspend', 'vzsuspend'],
  template: ['qmtemplate', 'vztemplate'],
};

/** What a successful task changes. */
export type Effect = (guest: Guest, cause: TruthCause) => void;

/** What a guest's task needs besides its action. */
export interface GuestTask {
  action: keyof typeof taskTypes & string;
  /** The lock the guest holds while the task runs. */
  lock?: string;
  log?: string[];
  /** Where the task runs; the guest's node by default. */
  node?: string;
  /** Changes that are visible while the task runs, and gone when it is over. */
  begin?: (task: Task) => void;
  end?: () => void;
}

/** Runs a task on a guest; its effect comes when it succeeds and the guest still exists. Returns the UPID. */
export function runGuestTask(
  state: ClusterState,
  guest: Guest,
  task: GuestTask,
  options: TaskOptions,
  effect: Effect,
): string {
  const [qemu, lxc] = taskTypes[task.action]!;
  const type = guest.type === 'qemu' ? qemu : lxc;
  return state.tasks.run({
    node: state.node(task.node ?? guest.node),
    type,
    id: guest.vmid,
    user: options.user ?? root,
    ...(options.durationMs === undefined ? {} : { durationMs: options.durationMs }),
    ...(options.fail === undefined ? {} : { status: options.fail }),
    ...(task.log === undefined ? {} : { log: task.log }),
    onStart: started => {
      if (task.lock !== undefined) guest.lock = task.lock;
      task.begin?.(started);
    },
    // It may have been destroyed meanwhile, and another guest may have its VMID.
    failsAtEnd: () => {
      const folder = guest.type === 'qemu' ? 'qemu-server' : 'lxc';
      return state.guests.get(guest.vmid) === guest
        ? undefined
        : `Configuration file 'nodes/${guest.node}/${folder}/${guest.vmid}.conf' does not exist`;
    },
    onSuccess: started => effect(guest, causeOf(started)),
    onEnd: () => {
      if (guest.lock === task.lock) delete guest.lock;
      task.end?.();
    },
  });
}

/** A task as a cause. */
export function causeOf(task: Task): TruthCause {
  return { upid: task.upid, user: task.user, type: task.type };
}

/** Applies what was pending. */
export function takeOverPending(guest: Guest): void {
  for (const [key, change] of guest.pending) {
    if ('delete' in change) delete guest.config[key];
    else guest.config[key] = change.value;
  }
  guest.pending.clear();
  delete guest.inForce;
}

/** Sets the guest running, with its pending changes applied. */
export function setRunning(state: ClusterState, guest: Guest): void {
  takeOverPending(guest);
  guest.status = 'running';
  guest.startedAt = state.clock.now();
  delete guest.cameAt;
  delete guest.paused;
  delete guest.passing;
  delete guest.startedForBackup;
  if (guest.lock === 'suspended') delete guest.lock;
}

/** Sets a guest stopped by a task: a VM's pending changes are applied, a container's wait for a start. */
export function setStoppedByTask(guest: Guest): void {
  setStopped(guest);
  if (guest.type === 'qemu') takeOverPending(guest);
}

/** Sets the guest stopped; pending changes keep waiting. */
export function setStopped(guest: Guest): void {
  guest.status = 'stopped';
  guest.startedAt = undefined;
  delete guest.cameAt;
  delete guest.paused;
  delete guest.passing;
}
