import type { GuestType } from '../../model/resource.ts';

/** Where a guest is, as its API path names it. */
export interface GuestAddress {
  type: GuestType;
  vmid: number;
  node: string;
}

/** What may be sent to Proxmox: nothing else can be said here. */
export type Operation =
  | {
      kind: 'config';
      guest: GuestAddress;
      /** Each value whole, as the API takes it. */
      set: { readonly [key: string]: string };
      remove: readonly string[];
      /** Of the configuration as it was read just before: Proxmox refuses the write if it is another by then. */
      digest: string;
    }
  /** Takes back values that wait for a restart. */
  | { kind: 'revert'; guest: GuestAddress; keys: readonly string[]; digest: string }
  | { kind: 'power'; guest: GuestAddress; action: 'start' | 'shutdown' | 'reboot' }
  /** `live`: the guest runs; a container is restarted by it. */
  | { kind: 'migrate'; guest: GuestAddress; target: string; live: boolean }
  | { kind: 'snapshot'; guest: GuestAddress; name: string; description?: string };
