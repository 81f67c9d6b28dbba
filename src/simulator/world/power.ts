import type { ClusterState } from '../state.ts';
import type { TaskOrder } from '../tasks.ts';
import type { PassingState } from '../types.ts';
import {
  type By,
  causeOf,
  root,
  runGuestTask,
  setRunning,
  setStopped,
  setStoppedByTask,
  type TaskOptions,
  takeOverPending,
} from './act.ts';

/** Starting and stopping guests. */
export function powerMutations(state: ClusterState) {
  const stop = (vmid: number, action: 'stop' | 'shutdown', options: TaskOptions): string =>
    runGuestTask(state, state.guest(vmid), { action }, options, (guest, cause) =>
      state.changeGuest(guest, cause, () => setStoppedByTask(guest)),
    );

  const start = (vmid: number, options: TaskOptions = {}): string =>
    runGuestTask(state, state.guest(vmid), { action: 'start' }, options, (guest, cause) =>
      state.changeGuest(guest, cause, () => setRunning(state, guest)),
    );

  return {
    /** `qmstart`/`vzstart`, with pending changes applied. Returns the UPID, like every method that creates a task. */
    start,

    /** `qmstop`/`vzstop`: pulls the plug; a VM's pending changes are applied. */
    stop: (vmid: number, options: TaskOptions = {}): string => stop(vmid, 'stop', options),

    /** `qmshutdown`/`vzshutdown`: asks the guest to shut down. */
    shutdown: (vmid: number, options: TaskOptions = {}): string => stop(vmid, 'shutdown', options),

    /** Shuts the guest down from inside: no task, no log line, no author. */
    shutdownInside(vmid: number): void {
      const guest = state.guest(vmid);
      state.changeGuest(guest, undefined, () => setStopped(guest));
    },

    /** `qmreboot`/`vzreboot`: keeps running with a new start time and pending changes applied. */
    restart: (vmid: number, options: TaskOptions = {}): string =>
      runGuestTask(state, state.guest(vmid), { action: 'reboot' }, options, (guest, cause) =>
        state.changeGuest(guest, cause, () => setRunning(state, guest)),
      ),

    /** To memory (`qmpause`: `paused`), or to disk (`qmsuspend`: `stopped` with lock `suspended`). */
    suspend: (vmid: number, options: TaskOptions & { toDisk?: boolean } = {}): string =>
      runGuestTask(
        state,
        state.guest(vmid),
        { action: options.toDisk ? 'suspend' : 'pause' },
        options,
        (guest, cause) =>
          state.changeGuest(guest, cause, () => {
            if (!options.toDisk) {
              guest.paused = true;
              delete guest.passing;
            } else {
              setStopped(guest);
              guest.lock = 'suspended';
            }
          }),
      ),

    /** `qmresume`: continues a VM paused in memory. One suspended to disk is woken by `start`. */
    resume: (vmid: number, options: TaskOptions = {}): string =>
      runGuestTask(state, state.guest(vmid), { action: 'resume' }, options, (guest, cause) =>
        state.changeGuest(guest, cause, () => {
          delete guest.paused;
          delete guest.passing;
        }),
      ),

    /** Puts QEMU into a temporary state in which the guest can be neither started nor stopped, or (undefined) ends it. */
    passThrough(vmid: number, passing: PassingState | undefined): void {
      const guest = state.guest(vmid);
      state.changeGuest(guest, undefined, () => {
        if (passing === undefined) delete guest.passing;
        else guest.passing = passing;
      });
    },

    /** Makes QEMU's monitor hang (or stop hanging), as during a backup to a slow storage. */
    silenceQemu(vmid: number, silent = true): void {
      state.guest(vmid).qemuSilent = silent;
    },

    /** Sets how the next tasks started by API calls should run. */
    orderTasks: (order: TaskOrder): void => state.tasks.order(order),

    /** Makes the guest refuse (or allow) the release of devices, so that unplugging has to wait. */
    refuseUnplug(vmid: number, refuses = true): void {
      state.guest(vmid).refusesUnplug = refuses;
    },

    /** Makes the guest ignore (or obey) requests to shut down. */
    ignoreShutdown(vmid: number, ignores = true): void {
      state.guest(vmid).ignoresShutdown = ignores;
    },

    /** Applies pending changes without a restart, as by reverting or hot-plugging them. */
    applyPending(vmid: number, by: By = {}): void {
      const guest = state.guest(vmid);
      const cause = { user: by.user ?? root, type: 'update' };
      state.changeGuest(guest, cause, () => takeOverPending(guest));
    },

    /** A guest under high availability is stopped: the person's `hastop` task, then `qmstop` by root@pam. */
    haStop: (vmid: number, options: By & { delayMs?: number } = {}): string =>
      request(state, vmid, 'stopped', options),

    /** The counterpart: `hastart`, then `qmstart` by root@pam. */
    haStart: (vmid: number, options: By & { delayMs?: number } = {}): string =>
      request(state, vmid, 'started', options),
  };
}

function request(
  state: ClusterState,
  vmid: number,
  wanted: 'started' | 'stopped',
  { user = root, delayMs = 0 }: By & { delayMs?: number },
): string {
  const guest = state.guest(vmid);
  const ha = state.ha.get(vmid);
  if (ha === undefined) throw new Error(`guest ${vmid} is not under high availability`);
  const type = wanted === 'started' ? 'hastart' : 'hastop';
  return state.tasks.run({
    node: state.node(guest.node),
    type,
    id: vmid,
    user,
    log: [
      `Requesting HA ${wanted === 'started' ? 'start' : 'stop'} for ${ha.sid.split(':')[0]!.toUpperCase()} ${vmid}`,
    ],
    onSuccess: task => {
      const cause = causeOf(task);
      const set = () => {
        ha.state = wanted;
      };
      state.truth.watchSettings(cause, () => state.changeGuest(guest, cause, set));
    },
    onEnd: task => {
      if (task.status !== 'OK') return;
      // The manager on the guest's node acts when it next looks.
      state.clock.schedule(state.clock.now() + delayMs, () => {
        const action = wanted === 'started' ? 'start' : 'stop';
        // The guest is already in the wanted state: no task (pve-ha-lrm asks `check_running` first).
        if ((guest.status === 'running') === (wanted === 'started')) {
          ha.crmState = wanted;
          return;
        }
        runGuestTask(state, guest, { action }, {}, (_, cause) =>
          state.changeGuest(guest, cause, () => {
            if (wanted === 'started') setRunning(state, guest);
            else setStoppedByTask(guest);
            ha.crmState = wanted;
          }),
        );
      });
    },
  });
}
