import { backupVolid } from '../build/build-history.ts';
import { shownName } from '../guest-facts.ts';
import type { ClusterState } from '../state.ts';
import type { BackupJob } from '../types.ts';
import { root, type TaskOptions } from './act.ts';

/** How a backup runs; `fail` is the error it ends with. */
export interface BackupOptions extends TaskOptions {
  storage?: string;
}

/** Backups by vzdump. */
export function backupMutations(state: ClusterState) {
  return {
    /**
     * `vzdump` of a guest: lock `backup` while it runs, an archive if it succeeds. A stopped VM is started without running
     * anything (`prelaunch`), so lists show a process although nobody started it.
     */
    backup(vmid: number, options: BackupOptions = {}): string {
      const guest = state.guest(vmid);
      const { storage = 'nas', durationMs = 0, fail } = options;
      const borrowed = guest.type === 'qemu' && guest.status === 'stopped' && durationMs > 0;
      return state.tasks.run({
        node: state.node(guest.node),
        type: 'vzdump',
        id: vmid,
        user: options.user ?? root,
        durationMs,
        status: fail ?? 'OK',
        log: [
          `INFO: starting new backup job: vzdump ${vmid} --storage ${storage} --mode snapshot`,
          `INFO: Starting Backup of VM ${vmid} (${guest.type})`,
          fail === undefined
            ? `INFO: Finished Backup of VM ${vmid}`
            : `ERROR: Backup of VM ${vmid} failed - ${fail}`,
        ],
        onStart: () => {
          guest.lock = 'backup';
          if (!borrowed) return;
          guest.startedForBackup = true;
          guest.startedAt = state.clock.now();
        },
        onSuccess: () => {
          const now = state.clock.now();
          state.volumes.push({
            volid: backupVolid(storage, guest.type, vmid, new Date(now)),
            storage,
            node: state.storage(storage).shared ? undefined : guest.node,
            content: 'backup',
            format: guest.type === 'qemu' ? 'vma.zst' : 'tar.zst',
            subtype: guest.type,
            size: 500_000_000 + (guest.salt % 3_000_000_000),
            ctime: Math.floor(now / 1000),
            vmid,
            notes: shownName(guest),
            saved: { type: guest.type, config: { ...guest.config } },
          });
        },
        onEnd: () => {
          if (guest.lock === 'backup') delete guest.lock;
          if (!guest.startedForBackup) return;
          delete guest.startedForBackup;
          guest.startedAt = undefined;
        },
      });
    },

    /** Lets another call hold (or release) the lock of the guest's config file, so that writes wait in vain. */
    holdConfig(vmid: number, held = true): void {
      state.guest(vmid).configHeld = held;
    },

    /** Replaces the backup jobs of the datacenter. */
    setBackupJobs(jobs: readonly BackupJob[]): void {
      state.truth.watchSettings(undefined, () => {
        state.backupJobs = [...jobs];
      });
    },

    /** Sets or (null) removes a lock without a task, like one left behind by a crash. */
    setLock(vmid: number, lock: string | null): void {
      const guest = state.guest(vmid);
      state.changeGuest(guest, undefined, () => {
        if (lock === null) delete guest.lock;
        else guest.lock = lock;
      });
    },
  };
}
