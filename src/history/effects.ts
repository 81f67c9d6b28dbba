import type { FieldChange } from '../model/change.ts';

/** Configuration keys of a guest's disks, including unused ones. */
const DISK_KEY = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp)\d+$|^rootfs$/;
/** Fields of a configuration that are kept outside `config`. */
const PROMOTED = new Set(['name', 'tags', 'template']);
/** The field that stands for a resource's creation. */
export const CREATED = 'created';
/** The field that stands for its end. */
export const DELETED = 'deleted';

/** A change of one field, with those seen together with it, for deciding whether an act could cause it. */
export interface Moved extends FieldChange {
  /** All fields that changed in the same look, by path. */
  together: ReadonlyMap<string, FieldChange>;
}

type Test = (field: Moved) => boolean;

/** The configuration key that a path belongs to: `net0` for `config.net0.tag`; null for other paths. */
export function configKey(path: string): string | null {
  const [part = '', key = ''] = path.split('.');
  if (part === 'config' || part === 'pending') return key;
  return PROMOTED.has(path) ? path : null;
}

/** Whether a key holds a disk, including an unused one. */
export function isDiskKey(key: string): boolean {
  return DISK_KEY.test(key);
}

/** A pending value was applied: it is no longer pending, and its key has changed. A revert changes no key. */
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
/** Who enters HA management is to run, unless something else is asked for: what was stopped together with that was asked to be. */
const asksStop: Test = field =>
  asks('stopped')(field) ||
  (field.path === 'ha' && field.to === 'stopped' && field.together.get('status')?.to === 'stopped');

const halts: Test = field => becomes('stopped')(field) || cleared(field);
const stops: Test = field => halts(field) || applied(field);
const starts: Test = field =>
  (field.path === 'status' && field.to !== 'stopped') || set(field) || unlocked(field) || applied(field);

/** Whether only a template's base volumes were renamed: moving a disk does not do that. */
function becameBase({ from, to }: FieldChange): boolean {
  const based = typeof from === 'string' && from.replace(/:(\d+\/)?(?:vm|subvol)-/, ':$1base-');
  return from !== to && to === based;
}

function isUnset({ from }: FieldChange): boolean {
  return from === null || String(from) === '';
}

/** What PVE gives every guest at its creation: VMs their uuid and vmgenid, containers a root disk. */
function isEssential(field: FieldChange): boolean {
  return isUnset(field) && /^config\.(?:smbios1|vmgenid|rootfs)\b/.test(field.path);
}

/** What an act can do to a guest, by effect. Each @returns whether the effect can have changed this field in this way. */
export const EFFECTS = {
  /** The guest is created, and then filled: until its whole configuration is written at once, there is only a lock. */
  begin: ({ path }) => path === CREATED,
  fill: field => inConfig(field) && isUnset(field) && [...field.together.values()].some(isEssential),
  end: ({ path }) => path === DELETED,
  start: starts,
  stop: stops,
  /** A container stops; what is pending there stays pending until a start. */
  halt: halts,
  restart: field => starts(field) || stops(field),
  /** The process keeps running, and keeps its start. */
  reset: ({ path, from, to }) => path === 'status' && from !== 'stopped' && to === 'running',
  pause: becomes('paused', 'suspended', 'prelaunch'),
  resume: ({ path, from, to }) => path === 'status' && from !== 'stopped' && to === 'running',
  /** Suspended to disk. */
  hibernate: field =>
    becomes('stopped', 'paused', 'suspended')(field) ||
    cleared(field) ||
    (field.path === 'lock' && field.to !== null),
  /** Pending values are applied, as with every start and stop. */
  apply: applied,
  move: ({ path }) => path === 'node',
  edit: inConfig,
  /** The description stays as it is (seen on PVE 9.2). */
  rollBack: field => inConfig(field) && configKey(field.path) !== 'description',
  disks: field => isDiskKey(configKey(field.path) ?? '') && !becameBase(field),
  template: field => field.path === 'template' || isDiskKey(configKey(field.path) ?? ''),
  addSnapshot: ({ path, from }) => path.startsWith('snapshots.') && from === null,
  dropSnapshot: ({ path, to }) => path.startsWith('snapshots.') && to === null,
  /** The requested state of a guest under HA; entering HA management is no task's effect. */
  askStart: asks('started'),
  askStop: asksStop,
  unlock: unlocked,
} satisfies { [kind: string]: Test };

/** The effects, as keys of `EFFECTS`. */
export type Effect = keyof typeof EFFECTS;

/** Whether an effect starts or stops a guest: of its configuration it changes only pending values. */
export function setsGoing(effect: Effect): boolean {
  return effect === 'start' || effect === 'stop' || effect === 'restart';
}
