import type { PlanStep } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import type { JsonValue } from '../model/state.ts';
import {
  hasTag,
  isInScope,
  LOCK_TAG,
  scopeText,
  type WriteKind,
  type WritePolicy,
  type WriteScope,
} from '../model/writing.ts';
import { type WritableKey, writableKey } from '../proxmox/operations/index.ts';

/** The properties of a guest that decide whether it may be written to, from a reading made just before. */
export interface PermitGuest {
  type: GuestType;
  tags: readonly string[];
  /** Null where it is in none. */
  pool: string | null;
  template: boolean;
}

/** A disk's key; similar keys without a number (`scsihw`) are none. */
const DISK = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp|unused)\d+$|^rootfs$/;

/**
 * Disks with a pending change or removal. Any write to a VM retries what is pending, and a start, restart or shutdown applies it:
 * a plan would detach or destroy what nobody approved along with it. CD-ROMs do not count.
 */
export function disksWaiting(
  values: { readonly [key: string]: unknown },
  waiting: { readonly [key: string]: unknown },
): string[] {
  const isCd = (value: unknown) =>
    /media[":=]+cdrom/.test(typeof value === 'string' ? value : JSON.stringify(value ?? ''));
  return Object.keys(waiting).filter(key => DISK.test(key) && !isCd(values[key]) && !isCd(waiting[key]));
}

/** The parts of a step that decide whether it is allowed. */
export type PermitStep = Pick<PlanStep, 'path' | 'from' | 'to' | 'effect'>;

/**
 * Why a step is not carried out. `never`: whoever asks, and whatever is configured. `locked`: its guest is locked. `scope`:
 * writing is limited to other guests. `kind`: changes of this kind are not configured.
 */
export interface Denial {
  kind: 'never' | 'locked' | 'scope' | 'kind';
  /** Completes a sentence that begins with the guest and the path. */
  why: string;
  /** The kinds that would be needed; only for `kind`. */
  needs?: WriteKind[];
}

/**
 * Why this step may not be carried out on a guest; null where it may. Pure, and asked again with what was read just before a
 * write: whatever made the plan, and whoever may have written it into the store, this is the gate.
 */
export function deniedBy(step: PermitStep, guest: PermitGuest, { kinds, only }: WritePolicy): Denial | null {
  const never = neverAllowed(step, guest, only);
  if (never !== null) return { kind: 'never', why: never };
  if (hasTag(guest.tags, LOCK_TAG)) return { kind: 'locked', why: `the guest has the tag ${LOCK_TAG}` };
  if (!isInScope(only, guest))
    return { kind: 'scope', why: `PROXMOX_MPC_WRITE_ONLY limits writing to ${scopeText(only!)}` };
  const needs = kindsOfStep(guest.type, step)!.filter(kind => !kinds.includes(kind));
  if (needs.length === 0) return null;
  return { kind: 'kind', why: `PROXMOX_MPC_WRITE does not have ${needs.join(' and ')}`, needs };
}

/**
 * The kinds of change that a step consists of, all of which must be allowed: that of its key, and `power` where it restarts the
 * guest. Null for anything that is never written.
 */
export function kindsOfStep(type: GuestType, { path, effect }: PermitStep): WriteKind[] | null {
  const kind = TASK_KINDS.get(path) ?? keyAt(type, path)?.known.kind;
  if (kind === undefined) return null;
  return effect === 'restarts it' && kind !== 'power' ? [kind, 'power'] : [kind];
}

const TASK_KINDS: ReadonlyMap<string, WriteKind> = new Map([
  ['status', 'power'],
  ['node', 'migrate'],
  ['snapshots', 'snapshot'],
]);

/** The configuration key and part of a path, if it may be written: `net0` and `tag` for `config.net0.tag`. */
function keyAt(
  type: GuestType,
  path: string,
): { key: string; part?: string; known: WritableKey } | undefined {
  if (path === 'name') return keyAt(type, type === 'vm' ? 'config.name' : 'config.hostname');
  if (path === 'tags') return keyAt(type, 'config.tags');
  const [, key, part] = /^config\.([a-z][a-z0-9]*)(?:\.([a-z][\w-]*))?$/i.exec(path) ?? [];
  const known = key === undefined ? undefined : writableKey(type, key);
  if (key === undefined || known === undefined) return undefined;
  return { key, known, ...(part !== undefined && { part }) };
}

/** Why nobody may do this, in words; null where somebody may. */
function neverAllowed(step: PermitStep, guest: PermitGuest, only: WriteScope | null): string | null {
  const { path, to } = step;
  if (guest.template) return 'a template is never written to';
  if (path === 'status')
    return to === 'running' || to === 'stopped' ? null : 'a guest is started or shut down, nothing else';
  if (path === 'node' || path === 'snapshots')
    return typeof to === 'string' && to !== '' ? null : 'nothing is taken away';
  const at = keyAt(guest.type, path);
  if (at === undefined) return 'this is never written';
  if (at.key === 'tags') return tagDenied(step, only);
  if (at.known.kept && at.part === undefined && isAbsent(to)) return 'this is never taken away';
  if (at.known.only !== undefined && String(Number(to)) !== at.known.only)
    return `${at.key} is never switched off`;
  return at.known.whole ? cardDenied(at.part, to) : null;
}

function isAbsent(value: JsonValue): boolean {
  return value === null || value === '';
}

function tagDenied({ from, to }: PermitStep, only: WriteScope | null): string | null {
  const kept = only !== null && 'tag' in only ? [LOCK_TAG, only.tag] : [LOCK_TAG];
  const moved = kept.find(tag => hasTag(tagsOf(from), tag) !== hasTag(tagsOf(to), tag));
  return moved === undefined ? null : `the tag ${moved} is neither set nor removed`;
}

function tagsOf(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(one => tagsOf(one));
  return typeof value === 'string' ? value.split(/[;,\s]+/) : [];
}

/** A card is neither added nor removed, and its firewall, with all of the guest's rules, is not switched off. */
function cardDenied(part: string | undefined, to: JsonValue): string | null {
  if (part === undefined) return 'a card is changed in part, neither added nor taken away';
  if ((part === 'model' || part === 'macaddr' || part === 'hwaddr') && isAbsent(to))
    return 'a card is never left without it';
  return part === 'firewall' && Number(to) !== 1 ? 'the firewall of a card is never switched off' : null;
}
