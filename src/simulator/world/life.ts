import { makeContainer, makeVm } from '../build/build-guests.ts';
import { isTemplate, tagsOf } from '../guest-facts.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest, GuestType } from '../types.ts';
import { causeOf, root, runGuestTask, setRunning, setStoppedByTask, type TaskOptions } from './act.ts';
import { addGuest, bareGuest, firstOnline, freeVmid, removeGuest } from './census.ts';

/** A guest to create; defaults are chosen for anything left out. */
export interface NewGuest {
  vmid?: number;
  type?: GuestType;
  node?: string;
  name?: string;
  tags?: readonly string[];
  pool?: string;
  /** Keys that override the usual config. */
  config?: Record<string, ConfigValue>;
  /** Starts it right away, with a separate task. */
  start?: boolean;
}

/** A guest exactly as a test needs it, without history. */
export interface PlacedGuest {
  vmid: number;
  type: GuestType;
  node?: string;
  config: Record<string, ConfigValue>;
  /** What waits for a restart; null: the removal of the key. */
  pending?: Record<string, ConfigValue | null>;
  snapshots?: readonly { name: string; config: Record<string, ConfigValue> }[];
  running?: boolean;
  lock?: string;
}

/** Creating, moving, deleting and finding guests. */
export function lifeMutations(state: ClusterState) {
  const createGuest = (wanted: NewGuest = {}, options: TaskOptions = {}): { vmid: number; upid: string } => {
    const { type = 'qemu', vmid = freeVmid(state), node = firstOnline(state) } = wanted;
    if (state.guests.has(vmid)) throw new Error(`vmid ${vmid} is taken`);
    const kind = { stem: 'new', tags: [...(wanted.tags ?? [])], cores: 2, memory: 2048, diskGib: 32 };
    const plan = { vmid, node, name: wanted.name, kind };
    const guest = type === 'qemu' ? makeVm(state, plan) : makeContainer(state, plan);
    if (type === 'qemu') guest.config.meta = `creation-qemu=10.0.13,ctime=${state.nodeSeconds(node)}`;
    Object.assign(guest.config, wanted.config);
    if (wanted.pool !== undefined) {
      const { pool } = wanted;
      if (!state.pools.has(pool)) state.truth.watchSettings(undefined, () => state.pools.set(pool, {}));
      guest.pool = pool;
    }
    const upid = state.tasks.run({
      node: state.node(node),
      type: type === 'qemu' ? 'qmcreate' : 'vzcreate',
      id: vmid,
      user: options.user ?? root,
      durationMs: options.durationMs ?? 0,
      status: options.fail ?? 'OK',
      onStart: task => {
        // The config file exists from the start, under a lock; a failed creation removes it again.
        if (options.fail !== undefined) return;
        if ((options.durationMs ?? 0) > 0) guest.lock = 'create';
        addGuest(state, guest, causeOf(task));
      },
      onEnd: () => {
        if (guest.lock === 'create') delete guest.lock;
      },
    });
    if (wanted.start && options.fail === undefined) {
      runGuestTask(state, guest, { action: 'start' }, { user: options.user ?? root }, (_, cause) =>
        state.changeGuest(guest, cause, () => setRunning(state, guest)),
      );
    }
    return { vmid, upid };
  };

  const deleteGuest = (vmid: number, options: TaskOptions = {}): string => {
    const guest = state.guest(vmid);
    if (guest.status === 'running') {
      runGuestTask(state, guest, { action: 'stop' }, { user: options.user ?? root }, (_, cause) =>
        state.changeGuest(guest, cause, () => setStoppedByTask(guest)),
      );
    }
    return runGuestTask(state, guest, { action: 'destroy' }, options, (_, cause) =>
      removeGuest(state, guest, cause),
    );
  };

  return {
    /** Places a guest of exactly this config and state at its VMID, replacing any other. */
    placeGuest(wanted: PlacedGuest): void {
      const { vmid, type, config, pending = {}, snapshots = [], running = false } = wanted;
      const node = wanted.node ?? firstOnline(state);
      const guest = bareGuest(state, { vmid, type, node, config: { ...config } });
      for (const [key, value] of Object.entries(pending))
        guest.pending.set(key, value === null ? { delete: 1 } : { value });
      for (const snapshot of snapshots)
        guest.snapshots.push({ description: '', snaptime: state.nodeSeconds(node), vmstate: 0, ...snapshot });
      if (running) {
        guest.status = 'running';
        guest.startedAt = state.clock.now();
      }
      if (wanted.lock !== undefined) guest.lock = wanted.lock;
      state.guests.set(vmid, guest);
    },

    /** `qmcreate`/`vzcreate`. The guest exists (locked) as soon as the task starts. */
    createGuest,

    /** `qmdestroy`/`vzdestroy`; a running guest is stopped first, as PVE demands. */
    deleteGuest,

    /** Deletes a guest and gives its VMID to a new one, of the same or the other type. */
    reuseVmid(
      vmid: number,
      wanted: Omit<NewGuest, 'vmid'> = {},
      options: TaskOptions = {},
    ): { vmid: number; upid: string } {
      const { type, node } = state.guest(vmid);
      deleteGuest(vmid, options.user === undefined ? {} : { user: options.user });
      return createGuest({ type, node, ...wanted, vmid }, options);
    },

    /** `qmigrate`/`vzmigrate` on the old node. A running VM keeps running; a running container is restarted. */
    migrate(vmid: number, target: string, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      state.node(target);
      if (guest.node === target) throw new Error(`guest ${vmid} is on ${target} already`);
      return runGuestTask(state, guest, { action: 'migrate', lock: 'migrate' }, options, (_, cause) =>
        state.changeGuest(guest, cause, () => {
          guest.node = target;
          if (guest.status !== 'running') return;
          if (guest.type === 'lxc') setRunning(state, guest);
          else guest.cameAt = state.clock.now();
        }),
      );
    },

    /** Removes a guest without a trace, as if somebody deleted its config file. */
    loseGuest(vmid: number): void {
      removeGuest(state, state.guest(vmid));
    },

    /** VMIDs of the guests that match, lowest first. */
    find(wanted: {
      type?: GuestType;
      status?: Guest['status'];
      template?: boolean;
      tag?: string;
      ha?: boolean;
      node?: string;
    }): number[] {
      return [...state.guests.values()]
        .filter(
          guest =>
            (wanted.type ?? guest.type) === guest.type &&
            (wanted.status ?? guest.status) === guest.status &&
            (wanted.node ?? guest.node) === guest.node &&
            (wanted.template ?? isTemplate(guest)) === isTemplate(guest) &&
            (wanted.tag === undefined || tagsOf(guest).includes(wanted.tag)) &&
            (wanted.ha ?? state.ha.has(guest.vmid)) === state.ha.has(guest.vmid),
        )
        .map(guest => guest.vmid)
        .sort((a, b) => a - b);
    },
  };
}
