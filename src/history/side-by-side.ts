import type { FieldChange } from '../model/change.ts';
import { effectiveValue } from '../model/config/index.ts';
import type { GuestType, ResourceKey } from '../model/resource.ts';
import { isGuestType } from '../model/resource.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../model/state.ts';
import { diffStates } from './diff.ts';

/** One of two compared resources, and its state. */
export interface Side {
  key: ResourceKey;
  name: string | null;
  state: JsonObject;
}

/** Fields that identify a resource or date its beginning: even two equal resources differ in these. */
const IDENTITY = /^(?:started_at|config\.smbios1\.uuid|config\.vmgenid|config\.net\d+\.(?:macaddr|hwaddr))$/;

/**
 * The differences between two resources of a kind, by path: names, nodes and settings. A value that equals Proxmox's default
 * counts as equal to an unset one. Left out are identities (uuid, vmgenid, MAC addresses), times of creation, and the names of a
 * guest's own volumes, unless these are on different storages.
 */
export function compareSides(left: Side, right: Side): FieldChange[] {
  const type: FieldChange[] =
    left.key.type === right.key.type ? [] : [{ path: 'type', from: left.key.type, to: right.key.type }];
  const fields = diffStates(named(left), named(right)).filter(
    field => !IDENTITY.test(field.path) && !isOfOwn(field, left, right) && !isByDefault(field, left, right),
  );
  return [...type, ...fields];
}

/** A guest's name is its own; a node or a storage is named by its id, which says nothing. */
function named({ key, name, state }: Side): JsonObject {
  return isGuestType(key.type) ? { ...state, name } : state;
}

function isOfOwn({ path, from, to }: FieldChange, left: Side, right: Side): boolean {
  // Both have a snapshot of that name; when each was taken says nothing.
  if (path.startsWith('snapshots.')) return from !== null && to !== null;
  const [a, b] = [ownVolume(from, left.key.id), ownVolume(to, right.key.id)];
  return a !== null && a === b;
}

/** The storage of a volume that belongs to the guest itself, as in `local-zfs:vm-101-disk-0`; null for any other value. */
function ownVolume(value: JsonValue, vmid: string): string | null {
  if (typeof value !== 'string') return null;
  const [storage = '', volume] = value.split(/:(.*)/s);
  const isOwn = volume !== undefined && new RegExp(`(?:^|/)(?:vm|base|subvol)-${vmid}-`).test(volume);
  return isOwn ? storage : null;
}

/** Whether one side sets what the other has by default. */
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
