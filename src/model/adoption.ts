import type { ClusterEntity } from './entity.ts';

/** How much of what a store knows is found at an API. */
export interface Resemblance {
  /** Nodes known, and how many of them the API names. */
  nodes: { known: number; found: number };
  /** Guests known by type and VMID, and how many of them the API lists. */
  guests: { known: number; found: number };
  /**
   * VMs asked for what tells them from all others (smbios uuid, vmgenid), or containers where there are no VMs (their name and
   * the hardware addresses of their network cards), and what they answered.
   */
  identities: { asked: number; same: number; other: number };
  /** `same` is convincing, `other` excludes it; `unsure` where too little could be compared. */
  verdict: 'same' | 'other' | 'unsure';
  /** What decided it; the figures above belong to it. */
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

/** A store's cluster beside the one that the API shows. */
export interface Adoption {
  stored: ClusterEntity;
  found: { name: string; rootFingerprint: string };
  /** Name and root certificate are those of the store: there is nothing to adopt. */
  known: boolean;
  resemblance: Resemblance;
}
