import type { ClusterState } from '../state.ts';
import { resourceName } from '../truth-state.ts';
import type { ConfigValue, Guest } from '../types.ts';
import { driveKey, isCdrom, mountKey, volumeOf } from '../writes/disks.ts';
import { causeOf, root, runGuestTask, setStopped, type TaskOptions } from './act.ts';
import { addGuest, bareGuest, firstOnline, freeVmid } from './census.ts';

/** A clone to create; defaults are chosen for anything left out. */
export interface NewClone {
  newid?: number;
  name?: string;
  node?: string;
  pool?: string;
  /** For a template: its disks are based on the template's. */
  linked?: boolean;
}

/** Guests created from guests and from backups. */
export function copyMutations(state: ClusterState) {
  return {
    /**
     * `qmclone`/`vzclone`, a task of the original. The clone has its own uuids and MAC addresses but the original's time of
     * creation (`meta`); it appears when the task ends.
     */
    cloneGuest(
      vmid: number,
      wanted: NewClone = {},
      options: TaskOptions = {},
    ): { vmid: number; upid: string } {
      const newid = wanted.newid ?? freeVmid(state);
      state.reservedVmids.add(newid);
      const log = cloneLog(state, state.guest(vmid), newid, wanted.linked === true);
      const upid = runGuestTask(
        state,
        state.guest(vmid),
        { action: 'clone', log },
        options,
        (source, cause) => {
          const node = wanted.node ?? source.node;
          const config = cloneConfig(state, source, newid, wanted.name, wanted.linked === true);
          const copy = bareGuest(state, { vmid: newid, type: source.type, node, config });
          copy.agentAnswers = source.agentAnswers;
          if (wanted.pool !== undefined) copy.pool = wanted.pool;
          addGuest(state, copy, cause);
          state.reservedVmids.delete(newid);
        },
      );
      return { vmid: newid, upid };
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
      if (guest !== undefined) {
        return runGuestTask(state, guest, { action: 'restore' }, options, (_, cause) => {
          const write = () => {
            setStopped(guest);
            guest.config = config;
            guest.pending.clear();
            guest.snapshots = [];
          };
          if (sameMachine(guest.type, guest.config, config)) return state.changeGuest(guest, cause, write);
          // The backup of the VMID's former guest: that one is back, and this one is gone.
          state.truth.note(resourceName(guest), 'deleted', cause);
          write();
          state.truth.note(resourceName(guest), 'created', cause);
        });
      }
      if (state.reservedVmids.has(vmid)) throw new Error(`vmid ${vmid} is taken`);
      state.reservedVmids.add(vmid);
      const node = options.node ?? firstOnline(state);
      const restored = bareGuest(state, { vmid, type: saved.type, node, config });
      return state.tasks.run({
        node: state.node(node),
        type: saved.type === 'qemu' ? 'qmrestore' : 'vzrestore',
        id: vmid,
        user: options.user ?? root,
        durationMs: options.durationMs ?? 0,
        status: options.fail ?? 'OK',
        onSuccess: task => addGuest(state, restored, causeOf(task)),
        onEnd: () => state.reservedVmids.delete(vmid),
      });
    },
  };
}

/**
 * Whether two configs belong to the same machine: the same uuid or, if that was edited, the same creation; for containers, which
 * have neither, a network card in common.
 */
function sameMachine(type: Guest['type'], a: Guest['config'], b: Guest['config']): boolean {
  if (type === 'lxc') {
    const [former, restored] = [cards(a), cards(b)];
    return former.length === 0 || restored.length === 0 || restored.some(card => former.includes(card));
  }
  return a.smbios1 === b.smbios1 || (a.meta !== undefined && a.meta === b.meta) || a.vmgenid === b.vmgenid;
}

function cards(config: Guest['config']): string[] {
  return Object.entries(config).flatMap(([key, value]) =>
    /^net\d+$/.test(key) ? (/(?:[0-9A-F]{2}:){5}[0-9A-F]{2}/i.exec(String(value)) ?? []) : [],
  );
}

/**
 * The log of a clone, as recorded on PVE 9.2 for VMs: a VM's begins with both VMIDs. The line for a new volume depends on the
 * storage: an image in a directory is formatted, a ZFS dataset is created without a line.
 */
function cloneLog(state: ClusterState, source: Guest, newid: number, linked: boolean): string[] {
  const isVm = source.type === 'qemu';
  const how = linked ? 'linked' : 'full';
  const volumes = Object.entries(source.config).filter(
    ([key, value]) => (driveKey.test(key) || key === 'rootfs' || mountKey.test(key)) && !isCdrom(value),
  );
  const copied = volumes.flatMap(([key, value]) => {
    const from = volumeOf(value);
    const [storage = '', name = ''] = from.split(':');
    const to = name.replace(
      /(vm|base|subvol)-\d+-/g,
      (_, kind) => `${kind === 'base' ? 'vm' : kind}-${newid}-`,
    );
    const isDirectory = name.includes('/') && state.storages.get(storage)?.type === 'dir';
    return [
      `create ${how} clone of ${isVm ? 'drive' : 'mountpoint'} ${key} (${from})`,
      ...(isDirectory ? [`Formatting '/var/lib/vz/images/${newid}/${to.split('/').at(-1)}', fmt=raw`] : []),
      ...(isVm && !linked ? [`allocated target volume '${storage}:${to}'`] : []),
    ];
  });
  return [...(isVm ? [`creating a clone of VM ${source.vmid} with ID ${newid}`] : []), ...copied];
}

function cloneConfig(
  state: ClusterState,
  source: Guest,
  newid: number,
  name: string | undefined,
  linked: boolean,
): Record<string, ConfigValue> {
  const config = { ...source.config };
  delete config.template;
  delete config.parent;
  const nameKey = source.type === 'qemu' ? 'name' : 'hostname';
  const original = config[nameKey];
  // A container's copy has its name by default.
  const copied =
    source.type === 'lxc' && original !== undefined ? original : `Copy-of-VM-${original ?? source.vmid}`;
  config[nameKey] = name ?? copied;
  if (source.type === 'qemu') {
    config.smbios1 = `uuid=${state.random.uuid()}`;
    config.vmgenid = state.random.uuid();
  }
  const disk = `${source.type === 'qemu' ? 'vm' : 'subvol'}-${newid}-`;
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== 'string') continue;
    if (/^net\d+$/.test(key)) config[key] = value.replace(/BC:24:11(:[0-9A-F]{2}){3}/, state.random.mac());
    else
      config[key] = value
        .replace(/:(?:vm|base|subvol)-\d+-/, `:${disk}`)
        // In a directory each guest's images have their own folder; a linked one is below its base.
        .replace(/:(\d+\/)(base-[^,/]+)/, linked ? `:$1$2/${newid}/vm-${newid}-disk-0.qcow2` : `:$1$2`)
        .replace(/:\d+\/(?:vm|base)-\d+-(?!.*\/)/, `:${newid}/vm-${newid}-`);
  }
  return config;
}
