/** Settings of the datacenter as a whole: backup jobs, pools, and HA resources and rules. */
export const SETTING_TYPES = ['backup-job', 'pool', 'ha'] as const;
/** One of `SETTING_TYPES`. */
export type SettingType = (typeof SETTING_TYPES)[number];
/** The types of thing with a history. A *guest* is a VM or a container; there is one `cluster`. */
export const RESOURCE_TYPES = ['cluster', 'node', 'vm', 'container', 'storage', ...SETTING_TYPES] as const;
/** One of `RESOURCE_TYPES`. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];
/** The kinds of guest. */
export const GUEST_TYPES = ['vm', 'container'] as const;
/** One of `GUEST_TYPES`. */
export type GuestType = (typeof GUEST_TYPES)[number];

/**
 * Names one resource: `id` is the name of the node, storage, backup job, pool or HA rule, the decimal VMID, `vm:101` for an HA
 * resource, or `cluster`. An HA rule's name cannot contain a colon.
 */
export interface ResourceKey {
  type: ResourceType;
  id: string;
}

/** The cluster as a resource: a store has one, whatever its name. */
export const CLUSTER: ResourceKey = { type: 'cluster', id: 'cluster' };

/** The name of a resource in answers: `vm/101`, `container/200`, `node/pve1`, `storage/local-zfs`, `cluster`. */
export function formatKey(key: ResourceKey): string {
  return key.type === 'cluster' ? key.type : `${key.type}/${key.id}`;
}

/** The name of a guest in answers: `vm/101`. */
export function guestKey({ type, id }: { type: GuestType; id: number | string }): string {
  return `${type}/${id}`;
}

/** The name of what a task is about, `vm/101`; null where it is about no resource. */
export function taskKey({
  resourceType: type,
  resourceId: id,
}: {
  resourceType: ResourceType | null;
  resourceId: string | null;
}): string | null {
  return type === null || id === null ? null : formatKey({ type, id });
}

/** The name of the resource that a version is about: `vm/101`. */
export function versionKey({ type, resourceId }: { type: ResourceType; resourceId: string }): string {
  return formatKey({ type, id: resourceId });
}

/** The resource with this name. @throws RangeError if it is none that `formatKey` gives */
export function parseKey(name: string): ResourceKey {
  if (name === CLUSTER.type) return CLUSTER;
  const at = name.indexOf('/');
  const type = RESOURCE_TYPES.find(one => one === name.slice(0, at));
  if (type === undefined) throw new RangeError(`${name} names no resource`);
  return { type, id: name.slice(at + 1) };
}

/** The guest with this name. @throws RangeError if it is none that `guestKey` gives */
export function parseGuestKey(name: string): { type: GuestType; id: number } {
  const { type, id } = parseKey(name);
  if (!isGuestType(type)) throw new RangeError(`${name} names no guest`);
  return { type, id: Number(id) };
}

/** Whether resources of this type are settings of the datacenter as a whole. */
export function isSettingType(type: ResourceType): type is SettingType {
  return SETTING_TYPES.some(one => one === type);
}

/** A guest's HA service id, `vm:101` or `ct:200`. */
export function haIdOf({ type, id }: ResourceKey): string {
  return `${type === 'container' ? 'ct' : type}:${id}`;
}

/** The guest with this HA service id; null for the name of a rule. */
export function guestOfHaId(id: string): (ResourceKey & { type: GuestType }) | null {
  const [, kind, vmid] = /^(vm|ct):([1-9]\d{0,8})$/.exec(id) ?? [];
  return vmid === undefined ? null : { type: kind === 'ct' ? 'container' : 'vm', id: vmid };
}

/** Whether resources of this type are guests. */
export function isGuestType(type: ResourceType): type is GuestType {
  return type === 'vm' || type === 'container';
}

/** The path segment Proxmox uses for a guest type. */
export function guestPath(type: GuestType): 'qemu' | 'lxc' {
  return type === 'vm' ? 'qemu' : 'lxc';
}
