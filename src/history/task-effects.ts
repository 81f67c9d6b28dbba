import type { TaskEntity } from '../model/entity.ts';
import type { Effect } from './effects.ts';

/** What a type of task does where it succeeds, and what it may leave behind where it fails. */
interface TaskEffects {
  does: readonly Effect[];
  leaves?: readonly Effect[];
  /** Possible effects where it did not fail and no other task caused them. */
  may?: readonly Effect[];
  /** Effects that are visible while it runs and undone in the end. */
  meanwhile?: readonly Effect[];
  /** It only acts on a running guest: one that is off stays off. */
  ofRunning?: boolean;
}

const START: TaskEffects = { does: ['start'], leaves: [] };
const STOP: TaskEffects = { does: ['stop'] };
const HALT: TaskEffects = { does: ['halt'] };
/** The guest runs again in the end, and is off in between. On a guest that is off, `vm_reboot` returns at once. */
const RESTART: TaskEffects = { does: ['start'], meanwhile: ['stop'], ofRunning: true };
/** Where it fails it removes what it created, which may have been seen. */
const MAKE: TaskEffects = { does: ['begin', 'fill'], leaves: ['begin', 'fill', 'end'] };
/** Over an existing guest (which has to be off) it replaces all of it; the backup may be of another guest. */
const RESTORE: TaskEffects = {
  does: ['begin', 'edit', 'dropSnapshot', 'unlock'],
  leaves: ['begin', 'end', 'edit', 'dropSnapshot'],
  may: ['end'],
};
/** It brings back the configuration of the snapshot; the guest is stopped, or resumes with the saved memory. */
const ROLLBACK: TaskEffects = { does: ['rollBack', 'unlock'], leaves: ['rollBack'], may: ['restart'] };
/** Edits of containers leave no trace, so one that failed is as likely as anything else to have left its configuration as it was. */
const ROLLBACK_CONTAINER: TaskEffects = { ...ROLLBACK, leaves: [] };
const RESTORE_CONTAINER: TaskEffects = { ...RESTORE, leaves: ['begin', 'end', 'dropSnapshot'] };
const MOVE_DISK: TaskEffects = { does: ['disks'], leaves: ['disks'] };
const TEMPLATE: TaskEffects = { does: ['template'], leaves: ['template'] };
const SNAPSHOT: TaskEffects = { does: ['addSnapshot'], leaves: ['addSnapshot'] };

/**
 * What each type of task can change about the guest it names (types from pve-manager's `task_desc_table`, effects from
 * qemu-server, pve-container and pve-ha-manager). Types in none of these tables change nothing that history keeps: consoles,
 * backups (their lock and their start of a guest are no history), image copies, downloads, clones (their tasks carry the VMID of
 * the original), tasks for a whole node (each guest then has its own task), and unknown types, since a false author is as bad as
 * a false change.
 */
const GUEST_TASKS: { readonly [type: string]: TaskEffects } = {
  qmstart: START,
  vzstart: START,
  qmstop: STOP,
  vzstop: HALT,
  qmshutdown: STOP,
  vzshutdown: HALT,
  qmreboot: RESTART,
  vzreboot: RESTART,
  qmreset: { does: ['reset'] },
  qmpause: { does: ['pause'] },
  qmsuspend: { does: ['hibernate'], leaves: ['hibernate'] },
  vzsuspend: { does: ['pause', 'hibernate'] },
  qmresume: { does: ['resume'] },
  vzresume: { does: ['resume', 'start'] },
  qmcreate: MAKE,
  vzcreate: MAKE,
  qmrestore: RESTORE,
  vzrestore: RESTORE_CONTAINER,
  // The receiving end of a migration from another cluster.
  qmtunnel: MAKE,
  vzmtunnel: MAKE,
  qmdestroy: { does: ['end'] },
  vzdestroy: { does: ['end'] },
  // Disks may end up on other storages; a container is restarted for it, and runs again in the end.
  qmigrate: { does: ['move', 'disks'], leaves: ['move', 'disks'] },
  vzmigrate: {
    does: ['move', 'disks', 'start'],
    leaves: ['move', 'disks', 'restart'],
    meanwhile: ['stop'],
    ofRunning: true,
  },
  qmconfig: { does: ['edit'], leaves: ['edit'] },
  resize: { does: ['disks'], leaves: ['disks'] },
  qmmove: MOVE_DISK,
  move_volume: MOVE_DISK,
  qmtemplate: TEMPLATE,
  vztemplate: TEMPLATE,
  qmsnapshot: SNAPSHOT,
  vzsnapshot: SNAPSHOT,
  qmdelsnapshot: { does: ['dropSnapshot'] },
  vzdelsnapshot: { does: ['dropSnapshot'] },
  qmrollback: ROLLBACK,
  vzrollback: ROLLBACK_CONTAINER,
  // A request to the HA manager, which then acts as root@pam.
  hastart: { does: ['askStart', 'start'] },
  hastop: { does: ['askStop', 'stop'] },
  hashutdown: { does: ['askStop', 'stop'] },
  hamigrate: { does: ['move', 'start'], meanwhile: ['stop'], ofRunning: true },
};

/** Tasks that make a guest from another one, whose VMID they carry; their effects are those of a creation. */
export const CLONES: { readonly [type: string]: 'vm' | 'container' } = {
  qmclone: 'vm',
  vzclone: 'container',
};
/** Tasks that move a disk; when moving it to another guest they carry both VMIDs: `100-unused0>101-unused7`. */
export const DISK_MOVES: readonly string[] = ['qmmove', 'move_volume'];
/** Tasks that may define a storage of the name they carry. */
export const STORAGE_MADE: readonly string[] = [
  ...['dircreate', 'lvmcreate', 'lvmthincreate', 'zfscreate', 'cephcreatepool', 'cephfscreate'],
];
/** Tasks that may remove the definition of a storage, as `pveceph` and the removal of disks do on request. */
export const STORAGE_DROPPED: readonly string[] = [
  ...['dirremove', 'lvmremove', 'lvmthinremove', 'zfsremove', 'cephdestroypool', 'cephdestroyfs'],
];
/** Requests to the HA manager, and the state that each sets in a guest's entry (PVE::API2::Qemu, LXC::Status). */
export const HA_REQUESTS: { readonly [type: string]: string } = {
  hastart: 'started',
  hastop: 'stopped',
  hashutdown: 'stopped',
};
/** The task of a joining node, which creates a node. */
export const NODE_MADE: readonly string[] = ['clusterjoin'];

/** What a task can have changed about the guest it names. */
export interface TaskCan extends Required<Omit<TaskEffects, 'leaves'>> {}

const NOTHING: TaskCan = { does: [], may: [], meanwhile: [], ofRunning: false };

/**
 * What a task can have changed about the guest it names, what it `may` have changed where no other task did, and what is visible
 * only while it runs. A task that failed, or went out of sight while it ran, may have left behind what a failed one can, where no
 * successful task did the same; a running one may have done everything already.
 */
export function effectsOf({ type, status }: Pick<TaskEntity, 'type' | 'status'>): TaskCan {
  // Names come from the cluster: one like `constructor` is in no table.
  const known = Object.hasOwn(GUEST_TASKS, type) ? GUEST_TASKS[type] : undefined;
  return known === undefined ? NOTHING : dependingOn(status, known);
}

/** What a clone can have changed about the guest it creates. */
export function effectsOfClone({ status }: Pick<TaskEntity, 'status'>): TaskCan {
  return dependingOn(status, MAKE);
}

function dependingOn(status: string, known: TaskEffects): TaskCan {
  const { does, may = [], leaves = [], meanwhile = [], ofRunning = false } = known;
  const cutShort = status === 'error' || status === 'unknown';
  return cutShort ? { does: [], may: leaves, meanwhile: [], ofRunning } : { does, may, meanwhile, ofRunning };
}
