import type { ClusterState } from '../state.ts';
import type { TruthCause } from '../truth.ts';
import type { Guest, Task } from '../types.ts';

/** Who does something. `root@pam` by default; a token as `user@realm!name`. */
export interface By {
  user?: string;
}

/** How a task runs: simulated milliseconds (0: over at once) and, if it shall fail, with what text. */
export interface TaskOptions extends By {
  durationMs?: number;
  fail?: string;
}

/** Who acts when nobody is named. */
export const root = 'root@pam';

/** PVE's task types for one action on either kind of guest. */
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

/** What a task that ended well changes. */
export type Effect = (guest: Guest, cause: TruthCause) => void;

/** What a guest's task needs beyond its action. */
export interface GuestTask {
  action: keyof typeof taskTypes & string;
  /** The lock the guest holds while the task runs. */
  lock?: string;
  log?: string[];
  /** Where the task runs; the guest's node unless said. */
  node?: string;
  /** What shows while the task runs, and goes when it is over, whichever way. */
  begin?: (task: Task) => void;
  end?: () => void;
}

/** Runs a task on a guest; its effect comes when it ends well and the guest is still there. Returns the UPID. */
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
    // Somebody else destroyed it meanwhile, and another one may have its VMID.
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

/** The cause that a task is. */
export function causeOf(task: Task): TruthCause {
  return { upid: task.upid, user: task.user, type: task.type };
}

/** Puts what was pending into effect. */
export function takeOverPending(guest: Guest): void {
  for (const [key, change] of guest.pending) {
    if ('delete' in change) delete guest.config[key];
    else guest.config[key] = change.value;
  }
  guest.pending.clear();
  delete guest.inForce;
}

/** The guest runs from now on, with whatever was pending. */
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

/** A task has stopped the guest: what was pending in a VM takes effect; in a container it goes on waiting for a start. */
export function setStoppedByTask(guest: Guest): void {
  setStopped(guest);
  if (guest.type === 'qemu') takeOverPending(guest);
}

/** The guest no longer runs; pending changes keep waiting. */
export function setStopped(guest: Guest): void {
  guest.status = 'stopped';
  guest.startedAt = undefined;
  delete guest.cameAt;
  delete guest.paused;
  delete guest.passing;
}
