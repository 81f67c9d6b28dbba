import type { GuestType } from '../../model/resource.ts';

/** Where a guest is, as its API path names it. */
export interface GuestAddress {
  type: GuestType;
  vmid: number;
  node: string;
}

/** Everything that can be sent to Proxmox. */
export type Operation =
  | {
      kind: 'config';
      guest: GuestAddress;
      /** Each value complete, as the API takes it. */
      set: { readonly [key: string]: string };
      remove: readonly string[];
      /** Of the configuration as just read: Proxmox refuses the write if it has changed since. */
      digest: string;
    }
  /** Takes back values that wait for a restart. */
  | { kind: 'revert'; guest: GuestAddress; keys: readonly string[]; digest: string }
  | { kind: 'power'; guest: GuestAddress; action: 'start' | 'shutdown' | 'reboot' }
  /** `live`: the guest is running; a container is restarted by it. */
  | { kind: 'migrate'; guest: GuestAddress; target: string; live: boolean }
  | { kind: 'snapshot'; guest: GuestAddress; name: string; description?: string };
