import type { FieldChange } from '../model/change.ts';

/** Config keys of a guest's disks: where a volume may come to lie, or be kept unused. */
const DISK_KEY = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp)\d+$|^rootfs$/;
/** Fields of a configuration that stand outside `config`. */
const PROMOTED = new Set(['name', 'tags', 'template']);
/** A field that stands for a resource's coming or going. */
export const CREATED = 'created';
/** ... and for its end. */
export const DELETED = 'deleted';

/** A change of one field among those seen together with it, as far as an act could bring it about. */
export interface Moved extends FieldChange {
  /** All fields that moved in the same look, by path. */
  together: ReadonlyMap<string, FieldChange>;
}

type Test = (field: Moved) => boolean;

/** The key of a guest's configuration that a path belongs to, `net0` of `config.net0.tag`; null where it is of none. */
export function configKey(path: string): string | null {
  const [part = '', key = ''] = path.split('.');
  if (part === 'config' || part === 'pending') return key;
  return PROMOTED.has(path) ? path : null;
}

/** Whether a key holds a disk, one that is kept unused included. */
export function isDiskKey(key: string): boolean {
  return DISK_KEY.test(key);
}

/** What waited has been put into effect: it waits no longer, and its key has moved. A revert moves no key. */
const applied: Test = ({ path, from, to, together }) => {
  const key = configKey(path);
  if (key === null) return false;
  if (path.startsWith('pending.')) return from !== null && to === null && moved(key, together);
  return [...together.values()].some(
    other => other.path.startsWith('pending.') && configKey(other.path) === key && other.to === null,
  );
};

function moved(key: string, together: Moved['together']): boolean {
  return [...together.keys()].some(path => !path.startsWith('pending.') && configKey(path) === key);
}

const inConfig: Test = ({ path }) => configKey(path) !== null;
const set: Test = ({ path, to }) => path === 'started_at' && to !== null;
const cleared: Test = ({ path, to }) => path === 'started_at' && to === null;
const unlocked: Test = ({ path, to }) => path === 'lock' && to === null;
const becomes =
  (...words: string[]): Test =>
  ({ path, to }) =>
    path === 'status' && words.includes(String(to));

const asks =
  (state: string): Test =>
  ({ path, from, to }) =>
    path === 'ha' && from !== null && to === state;

const halts: Test = field => becomes('stopped')(field) || cleared(field);
const stops: Test = field => halts(field) || applied(field);
const starts: Test = field =>
  (field.path === 'status' && field.to !== 'stopped') || set(field) || unlocked(field) || applied(field);

/** A template's volumes are renamed where they lie: what moves disks leaves them their names. */
function becameBase({ from, to }: FieldChange): boolean {
  const based = typeof from === 'string' && from.replace(/:(\d+\/)?(?:vm|subvol)-/, ':$1base-');
  return from !== to && to === based;
}

function isUnset({ from }: FieldChange): boolean {
  return from === null || String(from) === '';
}

/** What PVE gives every guest that it makes, and had not given before: VMs their uuid and vmgenid, containers a root disk. */
function isEssential(field: FieldChange): boolean {
  return isUnset(field) && /^config\.(?:smbios1|vmgenid|rootfs)\b/.test(field.path);
}

/** What an act can do to a guest, by kind of act. Each @returns whether it can have moved this field this way. */
export const EFFECTS = {
  /** It comes into being, and is filled: until all of its configuration is written, in one go, there is only a lock. */
  begin: ({ path }) => path === CREATED,
  fill: field => inConfig(field) && isUnset(field) && [...field.together.values()].some(isEssential),
  end: ({ path }) => path === DELETED,
  start: starts,
  stop: stops,
  /** A container that stops; what waits there goes on waiting for a start. */
  halt: halts,
  restart: field => starts(field) || stops(field),
  /** The process runs on from its start. */
  reset: ({ path, from, to }) => path === 'status' && from !== 'stopped' && to === 'running',
  pause: becomes('paused', 'suspended', 'prelaunch'),
  resume: ({ path, from, to }) => path === 'status' && from !== 'stopped' && to === 'running',
  /** Suspended to disk. */
  hibernate: field =>
    becomes('stopped', 'paused', 'suspended')(field) ||
    cleared(field) ||
    (field.path === 'lock' && field.to !== null),
  /** What waited takes effect, as with every start and stop. */
  apply: applied,
  move: ({ path }) => path === 'node',
  edit: inConfig,
  /** The description stays as it is (seen on PVE 9.2). */
  rollBack: field => inConfig(field) && configKey(field.path) !== 'description',
  disks: field => isDiskKey(configKey(field.path) ?? '') && !becameBase(field),
  template: field => field.path === 'template' || isDiskKey(configKey(field.path) ?? ''),
  addSnapshot: ({ path, from }) => path.startsWith('snapshots.') && from === null,
  dropSnapshot: ({ path, to }) => path.startsWith('snapshots.') && to === null,
  /** What is asked of a guest under high availability; no task puts it there. */
  askStart: asks('started'),
  askStop: asks('stopped'),
  unlock: unlocked,
} satisfies { [kind: string]: Test };

/** A kind of act: a key of `EFFECTS`. */
export type Effect = keyof typeof EFFECTS;

/** Whether an act of this kind starts or stops a guest: of its configuration it moves only what waited for that. */
export function setsGoing(effect: Effect): boolean {
  return effect === 'start' || effect === 'stop' || effect === 'restart';
}
