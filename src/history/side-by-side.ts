import type { FieldChange } from '../model/change.ts';
import { effectiveValue } from '../model/config/index.ts';
import type { GuestType, ResourceKey } from '../model/resource.ts';
import { isGuestType } from '../model/resource.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../model/state.ts';
import { diffStates } from './diff.ts';

/** One of two resources that are compared, and its state. */
export interface Side {
  key: ResourceKey;
  name: string | null;
  state: JsonObject;
}

/** What tells one resource from any other, or when it began: two that are alike in all else differ in these. */
const IDENTITY = /^(?:started_at|config\.smbios1\.uuid|config\.vmgenid|config\.net\d+\.(?:macaddr|hwaddr))$/;

/**
 * In what two resources of a kind differ, by path: their names, places and settings, what Proxmox takes where nothing is set
 * being the same as setting it. Left out are identity (uuid, vmgenid, MAC addresses), when they were made, and the names that
 * their own volumes have, unless these lie on different storages.
 */
export function compareSides(left: Side, right: Side): FieldChange[] {
  const type: FieldChange[] =
    left.key.type === right.key.type ? [] : [{ path: 'type', from: left.key.type, to: right.key.type }];
  const fields = diffStates(named(left), named(right)).filter(
    field => !IDENTITY.test(field.path) && !isOfOwn(field, left, right) && !isByDefault(field, left, right),
  );
  return [...type, ...fields];
}

/** A guest's name is its own; a node or a storage is called by its id, which says nothing. */
function named({ key, name, state }: Side): JsonObject {
  return isGuestType(key.type) ? { ...state, name } : state;
}

function isOfOwn({ path, from, to }: FieldChange, left: Side, right: Side): boolean {
  // Both have a snapshot of that name; when each was made says nothing.
  if (path.startsWith('snapshots.')) return from !== null && to !== null;
  const [a, b] = [ownVolume(from, left.key.id), ownVolume(to, right.key.id)];
  return a !== null && a === b;
}

/** The storage of a volume that is a guest's own, as `local-zfs:vm-101-disk-0`; null of all else. */
function ownVolume(value: JsonValue, vmid: string): string | null {
  if (typeof value !== 'string') return null;
  const [storage = '', volume] = value.split(/:(.*)/s);
  const isOwn = volume !== undefined && new RegExp(`(?:^|/)(?:vm|base|subvol)-${vmid}-`).test(volume);
  return isOwn ? storage : null;
}

/** One side sets what the other has by default. */
function isByDefault({ path, from, to }: FieldChange, left: Side, right: Side): boolean {
  if (!path.startsWith('config.') || (from !== null && to !== null)) return false;
  const value = ({ key, state }: Side) =>
    effectiveValue(
      key.type as GuestType,
      (state['config'] ?? {}) as GuestConfig,
      path.slice('config.'.length),
    );
  const [a, b] = [value(left), value(right)];
  return a !== null && JSON.stringify(a) === JSON.stringify(b);
}
