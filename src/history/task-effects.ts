import type { TaskEntity } from '../model/entity.ts';
import type { Effect } from './effects.ts';

/** What a task of a type does where it ends well, and what it may leave behind where it fails. */
interface TaskEffects {
  does: readonly Effect[];
  leaves?: readonly Effect[];
  /** Where it did not fail and no other task did it. */
  may?: readonly Effect[];
  /** What shows while it runs and is undone in the end. */
  meanwhile?: readonly Effect[];
  /** It sets going only what ran: a guest that is off it leaves so. */
  ofRunning?: boolean;
}

const START: TaskEffects = { does: ['start'], leaves: [] };
const STOP: TaskEffects = { does: ['stop'] };
const HALT: TaskEffects = { does: ['halt'] };
/** It runs again in the end; seen in between it is off. Of a guest that is off `vm_reboot` returns at once. */
const RESTART: TaskEffects = { does: ['start'], meanwhile: ['stop'], ofRunning: true };
/** Where it fails it takes away what it made, which may have been seen. */
const MAKE: TaskEffects = { does: ['begin', 'fill'], leaves: ['begin', 'fill', 'end'] };
/** Over a guest that is there (and off: else it is refused) it replaces all of it; another backup may bring another machine. */
const RESTORE: TaskEffects = {
  does: ['begin', 'edit', 'dropSnapshot', 'unlock'],
  leaves: ['begin', 'end', 'edit', 'dropSnapshot'],
  may: ['end'],
};
/** The configuration of the snapshot; the guest is stopped, or runs on with the memory that was kept. */
const ROLLBACK: TaskEffects = { does: ['rollBack', 'unlock'], leaves: ['rollBack'], may: ['restart'] };
const MOVE_DISK: TaskEffects = { does: ['disks'], leaves: ['disks'] };
const TEMPLATE: TaskEffects = { does: ['template'], leaves: ['template'] };
const SNAPSHOT: TaskEffects = { does: ['addSnapshot'], leaves: ['addSnapshot'] };

/**
 * What each type of task can change of the guest it names (types of pve-manager's `task_desc_table`; what they do as in
 * qemu-server, pve-container and pve-ha-manager). What stands in none of these tables changes nothing that history keeps:
 * consoles, backups (their lock and the start for a backup are no history), image copies, downloads, clones (a clone's task
 * bears the VMID of the original), what runs for a whole node (each guest then has a task of its own); and types nobody
 * has heard of, since a false author is as bad as a false change.
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
  vzrestore: RESTORE,
  // The receiving end of a migration from another cluster.
  qmtunnel: MAKE,
  vzmtunnel: MAKE,
  qmdestroy: { does: ['end'] },
  vzdestroy: { does: ['end'] },
  // Disks may come to lie on other storages; a container is restarted for it, and runs again in the end.
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
  vzrollback: ROLLBACK,
  // A request to the HA manager, which then acts as root@pam.
  hastart: { does: ['askStart', 'start'] },
  hastop: { does: ['askStop', 'stop'] },
  hashutdown: { does: ['askStop', 'stop'] },
  hamigrate: { does: ['move', 'start'], meanwhile: ['stop'], ofRunning: true },
};

/** Tasks that make a guest of another one, whose VMID they bear; they do what the tasks of a creation do. */
export const CLONES: { readonly [type: string]: 'vm' | 'container' } = {
  qmclone: 'vm',
  vzclone: 'container',
};
/** Tasks that move a disk; from one guest to another they bear both: `100-unused0>101-unused7`. */
export const DISK_MOVES: readonly string[] = ['qmmove', 'move_volume'];
/** Tasks that may define a storage by the name they bear, and those that may take its definition away. */
export const STORAGE_MADE: readonly string[] = [
  ...['dircreate', 'lvmcreate', 'lvmthincreate', 'zfscreate', 'cephcreatepool', 'cephfscreate'],
];
/** ... the latter, as `pveceph` and the removal of disks do on request. */
export const STORAGE_DROPPED: readonly string[] = [
  ...['dirremove', 'lvmremove', 'lvmthinremove', 'zfsremove', 'cephdestroypool', 'cephdestroyfs'],
];
/** Requests to the HA manager, which ask this of a guest's entry in its configuration (PVE::API2::Qemu, LXC::Status). */
export const HA_REQUESTS: { readonly [type: string]: string } = {
  hastart: 'started',
  hastop: 'stopped',
  hashutdown: 'stopped',
};
/** What a task of a joining node does: a node is new. */
export const NODE_MADE: readonly string[] = ['clusterjoin'];

/** What a task can have changed of the guest it names. */
export interface TaskCan extends Required<Omit<TaskEffects, 'leaves'>> {}

const NOTHING: TaskCan = { does: [], may: [], meanwhile: [], ofRunning: false };

/**
 * What a task can have changed of the guest it names, what it `may` have where no other did, and what shows only while it
 * runs. One that failed, or went out of sight while it ran, may have left behind what a failed one can, where nothing that
 * ended well did the same; one that runs may have done all of it.
 */
export function effectsOf({ type, status }: Pick<TaskEntity, 'type' | 'status'>): TaskCan {
  // Names come from the cluster: one like `constructor` stands in no table.
  const known = Object.hasOwn(GUEST_TASKS, type) ? GUEST_TASKS[type] : undefined;
  return known === undefined ? NOTHING : dependingOn(status, known);
}

/** What a clone can have changed of the guest it makes. */
export function effectsOfClone({ status }: Pick<TaskEntity, 'status'>): TaskCan {
  return dependingOn(status, MAKE);
}

function dependingOn(status: string, known: TaskEffects): TaskCan {
  const { does, may = [], leaves = [], meanwhile = [], ofRunning = false } = known;
  const cutShort = status === 'error' || status === 'unknown';
  return cutShort ? { does: [], may: leaves, meanwhile: [], ofRunning } : { does, may, meanwhile, ofRunning };
}
