import type { Resemblance } from './adoption.ts';
import type { Reason } from './reason.ts';

/**
 * A reason in words for people; nothing parses them. Text from Proxmox or a guest is included unchanged: whoever shows it cleans
 * it like any text of the cluster.
 */
export function reasonText(reason: Reason): string {
  switch (reason.code) {
    case 'node-not-online':
      return `node ${reason.node} is off or cut off`;
    case 'node-not-member':
      return `node ${reason.node} is not part of the cluster (any more)`;
    case 'node-without-status':
      return `node ${reason.node} does not report its status`;
    case 'tasks-unread':
      return `the tasks of node ${reason.node} could not be read`;
    case 'listing-short-of':
      return `the listing was incomplete: the ${reason.what} still answers`;
    case 'no-node-to-ask':
      return reason.of === 'storage' ? 'no node is online to ask' : 'no node to ask is online';
    case 'storage-not-reported':
      return reason.nodes.length === 0
        ? 'no node tells of it'
        : `not told by ${reason.nodes.join(', ')} at the last look`;
    case 'failed':
    case 'refused':
    case 'other':
      return String(reason.text);
    default:
      // A store may have been written by a later version.
      return (PLAIN as { readonly [code: string]: string })[reason.code] ?? String(reason.code);
  }
}

/** Reasons without facts. */
const PLAIN = {
  'not-all-backups-seen': 'not all can be seen, so whether every guest has one is not known',
  'jobs-not-readable': 'they cannot be read (that needs Sys.Audit on /)',
  'own-tasks-only': "whether a task holds them is not known: only those of the token's own user can be seen",
  'no-quorum': 'the cluster has no quorum',
  'quorum-unknown': 'whether the cluster has quorum is not known',
  'status-contradicted': 'its status could not be judged (no quorum, or the sources disagree)',
  'row-partly-unread': 'part of its row could not be read',
  'row-unread': 'its row could not be read',
  'definition-partly-unread': 'part of its definition could not be read',
  'records-partly-unread': 'some of its records could not be read',
  'not-listed': 'missing from the listing',
  'listing-short': 'the listing was incomplete',
  'moved-unlisted': 'it moved, and the listing lacks it',
  'no-right': 'the token has no right to see it',
  'not-asked-yet': 'not asked yet: too many guests are missing at once',
  'gone-while-read': 'moved or deleted while it was being read',
  'change-unconfirmed': 'its change could not be confirmed',
} as const;

/** Why a cluster is, or is not, taken for that of a store, in words for people. */
export function resemblanceText({ reason, nodes, guests, identities }: Resemblance): string {
  const { asked, same, other } = identities;
  switch (reason) {
    case 'other-name':
      return 'the cluster has another name';
    case 'other-vms':
      return `${other} of ${same + other} guests asked are other ones`;
    case 'no-node-same':
      return 'none of the nodes is the same';
    case 'no-vm-proves':
      return 'no guest could be asked that proves it: a VM by its uuid, or a container by its name and network card';
    case 'few-vms-answered':
      return `only ${same} of ${asked} guests asked could answer`;
    case 'few-nodes-same':
      return `only ${nodes.found} of ${nodes.known} nodes are the same`;
    case 'few-guests-there':
      return `only ${guests.found} of ${guests.known} guests are there`;
    case 'vms-same':
      return `${same} of ${asked} guests asked are the same ones`;
  }
}
