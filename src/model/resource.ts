/** What is set for the datacenter as a whole: backup jobs, pools, and the resources and rules of high availability. */
export const SETTING_TYPES = ['backup-job', 'pool', 'ha'] as const;
/** One of `SETTING_TYPES`. */
export type SettingType = (typeof SETTING_TYPES)[number];
/** The kinds of thing whose history is kept. A *guest* is a vm or a container; of `cluster` there is one. */
export const RESOURCE_TYPES = ['cluster', 'node', 'vm', 'container', 'storage', ...SETTING_TYPES] as const;
/** One of `RESOURCE_TYPES`. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];
/** The kinds of guest. */
export const GUEST_TYPES = ['vm', 'container'] as const;
/** One of `GUEST_TYPES`. */
export type GuestType = (typeof GUEST_TYPES)[number];

/**
 * Names one resource: `id` is the name of the node, storage, backup job, pool or rule of high availability, the vmid in decimal,
 * `vm:101` as high availability names a guest, or `cluster`. No rule may be named with a colon.
 */
export interface ResourceKey {
  type: ResourceType;
  id: string;
}

/** The cluster as a resource: a store knows one, whatever its name. */
export const CLUSTER: ResourceKey = { type: 'cluster', id: 'cluster' };

/** `vm/101`, `container/200`, `node/pve1`, `storage/local-zfs`, `cluster`: how answers name a resource. */
export function formatKey(key: ResourceKey): string {
  return key.type === 'cluster' ? key.type : `${key.type}/${key.id}`;
}

/** Whether resources of this type are set for the datacenter as a whole. */
export function isSettingType(type: ResourceType): type is SettingType {
  return (SETTING_TYPES as readonly string[]).includes(type);
}

/** A guest as high availability names it, `vm:101` or `ct:200`. */
export function haIdOf({ type, id }: ResourceKey): string {
  return `${type === 'container' ? 'ct' : type}:${id}`;
}

/** The guest that high availability names so; null for the name of a rule. */
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
