/** The kinds of thing whose history is kept. A *guest* is a vm or a container; of `cluster` there is one. */
export const RESOURCE_TYPES = ['cluster', 'node', 'vm', 'container', 'storage'] as const;
/** One of `RESOURCE_TYPES`. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];
/** The kinds of guest. */
export const GUEST_TYPES = ['vm', 'container'] as const;
/** One of `GUEST_TYPES`. */
export type GuestType = (typeof GUEST_TYPES)[number];

/** Names one resource: `id` is the node's or storage's name, the vmid in decimal, or `cluster`. */
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

/** Whether resources of this type are guests. */
export function isGuestType(type: ResourceType): type is GuestType {
  return type === 'vm' || type === 'container';
}

/** The path segment Proxmox uses for a guest type. */
export function guestPath(type: GuestType): 'qemu' | 'lxc' {
  return type === 'vm' ? 'qemu' : 'lxc';
}
