import { makeContainer, makeVm } from '../build/build-guests.ts';
import { isTemplate, tagsOf } from '../guest-facts.ts';
import type { ClusterState } from '../state.ts';
import type { TruthCause } from '../truth.ts';
import { resourceName } from '../truth-state.ts';
import type { ConfigValue, Guest, GuestType } from '../types.ts';
import {
  causeOf,
  root,
  runGuestTask,
  setRunning,
  setStopped,
  type TaskOptions,
  takeOverPending,
} from './act.ts';

/** A guest to create; everything left out is chosen. */
export interface NewGuest {
  vmid?: number;
  type?: GuestType;
  node?: string;
  name?: string;
  tags?: readonly string[];
  pool?: string;
  /** Keys to set over the usual config. */
  config?: Record<string, ConfigValue>;
  /** Start it right after, with a task of its own. */
  start?: boolean;
}

/** A clone to make; `full` clones take a while in life, linked ones do not. */
export interface NewClone {
  newid?: number;
  name?: string;
  node?: string;
  pool?: string;
}

/** Creating, cloning, moving, restoring and deleting guests. */
export function lifeMutations(state: ClusterState) {
  const freeVmid = (): number => {
    let vmid = 100;
    while (state.guests.has(vmid)) vmid++;
    return vmid;
  };

  const add = (guest: Guest, cause: TruthCause): void => {
    state.guests.set(guest.vmid, guest);
    state.lag(guest, null);
    state.truth.note(resourceName(guest), 'created', cause);
  };

  const remove = (guest: Guest, cause?: TruthCause): void => {
    state.guests.delete(guest.vmid);
    state.ha.delete(guest.vmid);
    state.replicationJobs = state.replicationJobs.filter(job => job.guest !== guest.vmid);
    state.truth.note(resourceName(guest), 'deleted', cause);
  };

  const createGuest = (wanted: NewGuest = {}, options: TaskOptions = {}): { vmid: number; upid: string } => {
    const { type = 'qemu', vmid = freeVmid(), node = firstOnline(state) } = wanted;
    if (state.guests.has(vmid)) throw new Error(`vmid ${vmid} is taken`);
    const kind = { stem: 'new', tags: [...(wanted.tags ?? [])], cores: 2, memory: 2048, diskGib: 32 };
    const plan = { vmid, node, name: wanted.name, kind };
    const guest = type === 'qemu' ? makeVm(state, plan) : makeContainer(state, plan);
    if (type === 'qemu') guest.config.meta = `creation-qemu=10.0.13,ctime=${state.clock.seconds()}`;
    Object.assign(guest.config, wanted.config);
    if (wanted.pool !== undefined) {
      if (!state.pools.has(wanted.pool)) state.pools.set(wanted.pool, {});
      guest.pool = wanted.pool;
    }
    const upid = state.tasks.run({
      node: state.node(node),
      type: type === 'qemu' ? 'qmcreate' : 'vzcreate',
      id: vmid,
      user: options.user ?? root,
      durationMs: options.durationMs ?? 0,
      status: options.fail ?? 'OK',
      onStart: task => {
        // The config file is there from the start, under a lock; a creation that fails takes it away again.
        if (options.fail !== undefined) return;
        if ((options.durationMs ?? 0) > 0) guest.lock = 'create';
        add(guest, causeOf(task));
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
        state.changeGuest(guest, cause, () => {
          setStopped(guest);
          takeOverPending(guest);
        }),
      );
    }
    return runGuestTask(state, guest, { action: 'destroy' }, options, (_, cause) => remove(guest, cause));
  };

  return {
    /** `qmcreate`/`vzcreate`. The guest exists (locked) as soon as the task starts. */
    createGuest,

    /** `qmdestroy`/`vzdestroy`; a running guest is stopped first, as PVE demands. */
    deleteGuest,

    /** Deletes a guest and gives its vmid to a new one, of the same or the other type. */
    reuseVmid(
      vmid: number,
      wanted: Omit<NewGuest, 'vmid'> = {},
      options: TaskOptions = {},
    ): { vmid: number; upid: string } {
      const { type, node } = state.guest(vmid);
      deleteGuest(vmid, options.user === undefined ? {} : { user: options.user });
      return createGuest({ type, node, ...wanted, vmid }, options);
    },

    /** `qmclone`/`vzclone`, a task of the original. The clone has uuids and MAC addresses of its own; it comes when the task ends. */
    cloneGuest(
      vmid: number,
      wanted: NewClone = {},
      options: TaskOptions = {},
    ): { vmid: number; upid: string } {
      const newid = wanted.newid ?? freeVmid();
      const upid = runGuestTask(state, state.guest(vmid), { action: 'clone' }, options, (source, cause) => {
        const copy: Guest = {
          vmid: newid,
          type: source.type,
          node: wanted.node ?? source.node,
          status: 'stopped',
          startedAt: undefined,
          config: cloneConfig(state, source, newid, wanted.name),
          pending: new Map(),
          snapshots: [],
          agentAnswers: source.agentAnswers,
          salt: state.random.int(1, 1_000_000_000),
        };
        if (wanted.pool !== undefined) copy.pool = wanted.pool;
        add(copy, cause);
      });
      return { vmid: newid, upid };
    },

    /** `qmigrate`/`vzmigrate` on the old node. A running VM runs on; a running container is restarted. */
    migrate(vmid: number, target: string, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      state.node(target);
      if (guest.node === target) throw new Error(`guest ${vmid} is on ${target} already`);
      return runGuestTask(state, guest, { action: 'migrate', lock: 'migrate' }, options, (_, cause) =>
        state.changeGuest(guest, cause, () => {
          guest.node = target;
          if (guest.type === 'lxc' && guest.status === 'running') setRunning(state, guest);
        }),
      );
    },

    /**
     * `qmrestore`/`vzrestore` from the newest backup of the vmid (or over itself without one): config as it was, smbios
     * uuid kept, vmgenid new, stopped. Brings back a deleted guest too.
     */
    restore(vmid: number, options: TaskOptions & { node?: string } = {}): string {
      const backup = state.volumes
        .filter(volume => volume.vmid === vmid && volume.saved !== undefined)
        .at(-1);
      const guest = state.guests.get(vmid);
      const saved = backup?.saved ?? (guest && { type: guest.type, config: guest.config });
      if (saved === undefined) throw new Error(`there is neither a guest ${vmid} nor a backup of one`);
      if (guest !== undefined && guest.type !== saved.type)
        throw new Error(`vmid ${vmid} is of the other type now`);
      const config = { ...saved.config };
      if (saved.type === 'qemu') config.vmgenid = state.random.uuid();
      delete config.parent;
      if (guest === undefined) {
        return createGuestFrom(state, vmid, saved.type, config, options, add);
      }
      return runGuestTask(state, guest, { action: 'restore' }, options, (_, cause) =>
        state.changeGuest(guest, cause, () => {
          setStopped(guest);
          guest.config = config;
          guest.pending.clear();
          guest.snapshots = [];
        }),
      );
    },

    /** Takes a guest away without a trace, as somebody deleting its config file would. */
    loseGuest(vmid: number): void {
      remove(state.guest(vmid));
    },

    /** Vmids of guests that answer a description, lowest first. */
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

function firstOnline(state: ClusterState): string {
  const nodes = [...state.nodes.values()];
  return (nodes.find(node => node.state === 'online') ?? nodes[0]!).name;
}

function createGuestFrom(
  state: ClusterState,
  vmid: number,
  type: GuestType,
  config: Record<string, ConfigValue>,
  options: TaskOptions & { node?: string },
  add: (guest: Guest, cause: TruthCause) => void,
): string {
  const node = options.node ?? firstOnline(state);
  const salt = state.random.int(1, 1_000_000_000);
  const guest: Guest = {
    vmid,
    type,
    node,
    status: 'stopped',
    startedAt: undefined,
    config,
    pending: new Map(),
    snapshots: [],
    agentAnswers: true,
    salt,
  };
  return state.tasks.run({
    node: state.node(node),
    type: type === 'qemu' ? 'qmrestore' : 'vzrestore',
    id: vmid,
    user: options.user ?? root,
    durationMs: options.durationMs ?? 0,
    status: options.fail ?? 'OK',
    onSuccess: task => add(guest, causeOf(task)),
  });
}

function cloneConfig(
  state: ClusterState,
  source: Guest,
  newid: number,
  name: string | undefined,
): Record<string, ConfigValue> {
  const config = { ...source.config };
  delete config.template;
  delete config.parent;
  const nameKey = source.type === 'qemu' ? 'name' : 'hostname';
  const original = config[nameKey];
  config[nameKey] = name ?? (original === undefined ? `Copy-of-VM-${source.vmid}` : `Copy-of-VM-${original}`);
  if (source.type === 'qemu') {
    config.smbios1 = `uuid=${state.random.uuid()}`;
    config.vmgenid = state.random.uuid();
    config.meta = `creation-qemu=10.0.13,ctime=${state.clock.seconds()}`;
  }
  const disk = `:${source.type === 'qemu' ? 'vm' : 'subvol'}-${newid}-`;
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== 'string') continue;
    if (/^net\d+$/.test(key)) config[key] = value.replace(/BC:24:11(:[0-9A-F]{2}){3}/, state.random.mac());
    else config[key] = value.replace(/:(?:vm|base|subvol)-\d+-/, disk);
  }
  return config;
}
