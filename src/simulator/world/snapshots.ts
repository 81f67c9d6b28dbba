import type { ClusterState } from '../state.ts';
import type { Guest, GuestSnapshot, Task } from '../types.ts';
import { driveKey, isCdrom, mountKey, volumeOf } from '../writes/disks.ts';
import { runGuestTask, setStopped, type TaskOptions } from './act.ts';

/** PVE snapshots of guests. */
export function snapshotMutations(state: ClusterState) {
  // The process of the task writes its line itself.
  const log = ({ node, user, pid, id }: Task, vm: string, container: string): void =>
    state.log.add(state.node(node), {
      user,
      pid,
      msg: state.guest(Number(id)).type === 'qemu' ? vm : container,
    });

  return {
    /** `qmsnapshot`/`vzsnapshot`; `vmstate` includes a VM's memory. */
    snapshot(
      vmid: number,
      name: string,
      options: TaskOptions & { description?: string; vmstate?: boolean } = {},
    ): string {
      const guest = state.guest(vmid);
      const taken = guest.snapshots.some(snapshot => snapshot.name === name);
      const how = taken ? { ...options, fail: `snapshot name '${name}' already used` } : options;
      const parent = guest.config.parent === undefined ? {} : { parent: String(guest.config.parent) };
      // It is dated at its beginning, and takes minutes with the memory of a running VM.
      const snapshot: GuestSnapshot = {
        name,
        description: options.description ?? '',
        snaptime: state.nodeSeconds(guest.node),
        ...parent,
        vmstate: options.vmstate ? 1 : 0,
        config: { ...guest.config },
      };
      const task = {
        action: 'snapshot',
        lock: 'snapshot',
        begin: (started: Task) => {
          log(started, `snapshot VM ${vmid}: ${name}`, `snapshot container ${vmid}: ${name}`);
          if (!taken) guest.making = snapshot;
        },
        end: () => {
          delete guest.making;
        },
      };
      return runGuestTask(state, guest, task, how, (_, cause) =>
        state.changeGuest(guest, cause, () => {
          guest.snapshots.push(snapshot);
          guest.config.parent = name;
        }),
      );
    },

    /** `qmdelsnapshot`/`vzdelsnapshot`; its children get its parent. */
    deleteSnapshot(vmid: number, name: string, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      const gone = guest.snapshots.find(snapshot => snapshot.name === name);
      const fail = gone === undefined ? { fail: `snapshot '${name}' does not exist` } : {};
      return runGuestTask(
        state,
        guest,
        {
          action: 'delsnapshot',
          lock: 'snapshot-delete',
          begin: started => {
            log(started, `delete snapshot VM ${vmid}: ${name}`, `delete snapshot VM ${vmid}: ${name}`);
            guest.removing = name;
          },
          end: () => {
            delete guest.removing;
          },
        },
        { ...options, ...fail },
        (_, cause) =>
          state.changeGuest(guest, cause, () => {
            guest.snapshots = guest.snapshots.filter(snapshot => snapshot !== gone);
            for (const snapshot of guest.snapshots) {
              if (snapshot.parent !== name) continue;
              if (gone?.parent === undefined) delete snapshot.parent;
              else snapshot.parent = gone.parent;
            }
            if (guest.config.parent !== name) return;
            if (gone?.parent === undefined) delete guest.config.parent;
            else guest.config.parent = gone.parent;
          }),
      );
    },

    /** `qmrollback`/`vzrollback`: the snapshot's config with a new vmgenid but the same smbios uuid, stopped. */
    rollback(vmid: number, name: string, options: TaskOptions = {}): string {
      const guest = state.guest(vmid);
      const to = guest.snapshots.find(snapshot => snapshot.name === name);
      const fail = to === undefined ? { fail: `snapshot '${name}' does not exist` } : {};
      return runGuestTask(
        state,
        guest,
        {
          action: 'rollback',
          lock: 'rollback',
          begin: started =>
            log(started, `rollback snapshot VM ${vmid}: ${name}`, `rollback snapshot LXC ${vmid}: ${name}`),
        },
        { ...options, ...fail },
        (_, cause) =>
          state.changeGuest(guest, cause, () => {
            setStopped(guest);
            guest.pending.clear();
            const { description } = guest.config;
            const before = guest.config;
            guest.config = { ...to!.config, parent: name };
            keepLaterDisks(guest, before);
            // PVE keeps the current one.
            delete guest.config.description;
            if (description !== undefined) guest.config.description = description;
            if (guest.type === 'qemu') guest.config.vmgenid = state.random.uuid();
          }),
      );
    },
  };
}

/** Disks added after the snapshot are kept as unused ones. */
function keepLaterDisks(guest: Guest, before: Guest['config']): void {
  const kept = new Set(Object.values(guest.config).map(volumeOf));
  for (const [key, value] of Object.entries(before)) {
    if (!driveKey.test(key) && !mountKey.test(key) && !/^unused\d+$/.test(key)) continue;
    if (isCdrom(value) || kept.has(volumeOf(value))) continue;
    let number = 0;
    while (guest.config[`unused${number}`] !== undefined) number++;
    guest.config[`unused${number}`] = volumeOf(value);
  }
}
