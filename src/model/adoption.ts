import type { ClusterEntity } from './entity.ts';

/** How much of what a store knows was found at an API. */
export interface Resemblance {
  /** Known nodes, and how many of them the API names. */
  nodes: { known: number; found: number };
  /** Guests known by type and VMID, and how many of them the API lists. */
  guests: { known: number; found: number };
  /**
   * VMs asked for their identity (smbios uuid, vmgenid), or where there are no VMs, containers asked for their name and network
   * card addresses; and how many answered alike or differently.
   */
  identities: { asked: number; same: number; other: number };
  /** `same` is convincing, `other` rules it out; `unsure` where too little could be compared. */
  verdict: 'same' | 'other' | 'unsure';
  /** What decided it, with the figures above. */
  reason:
    | 'other-name'
    | 'other-vms'
    | 'no-node-same'
    | 'no-vm-proves'
    | 'few-vms-answered'
    | 'few-nodes-same'
    | 'few-guests-there'
    | 'vms-same';
}

/** A store's cluster, beside the one found at the API. */
export interface Adoption {
  stored: ClusterEntity;
  found: { name: string; rootFingerprint: string };
  /** Name and root certificate are those of the store: there is nothing to adopt. */
  known: boolean;
  resemblance: Resemblance;
}
