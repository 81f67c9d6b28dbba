/**
 * Why something is unseen, absent, incomplete or refused: a code, and the facts that belong to it. It is stored like this (as
 * JSON), and decisions only use its code; `reasonText` puts it into words at the edge.
 */
export type Reason =
  /** The guest's node is off, or cut off from the majority. */
  | { code: 'node-not-online'; node: string }
  /** The guest is listed on a node that is not (or no longer) in the cluster. */
  | { code: 'node-not-member'; node: string }
  /** The node answers, but its rows show no status. */
  | { code: 'node-without-status'; node: string }
  /** The answering side is no majority, so what it says about others may be outdated. */
  | { code: 'no-quorum' }
  | { code: 'quorum-unknown' }
  /** The node's two sources disagree, or its side has no quorum. */
  | { code: 'status-contradicted' }
  /** The answer could not be read: a part of a row, a whole row, or a part of a storage's definition. */
  | { code: 'row-partly-unread' }
  | { code: 'row-unread' }
  | { code: 'definition-partly-unread' }
  | { code: 'records-partly-unread' }
  /** The listing lacks it, which proves nothing yet. */
  | { code: 'not-listed' }
  /** The listing lacks things that exist, so its gaps prove nothing. */
  | { code: 'listing-short' }
  | { code: 'listing-short-of'; what: 'guest' | 'storage' }
  /** It is on none of the nodes that were asked, though its VMID is taken. */
  | { code: 'moved-unlisted' }
  /** The token has no right to see it, whether or not any token ever had. */
  | { code: 'no-right' }
  /** More things are missing than one run asks about. */
  | { code: 'not-asked-yet' }
  | { code: 'no-node-to-ask'; of: 'storage' | 'backups' }
  | { code: 'tasks-unread'; node: string }
  /** It left its node between the listing and the request. */
  | { code: 'gone-while-read' }
  | { code: 'change-unconfirmed' }
  /** No node that should have the storage reported it, or these nodes did not at the last look. */
  | { code: 'storage-not-reported'; nodes: string[] }
  /** A request or a refresh failed: the error's code (`proxmox-timeout`), and its text. */
  | { code: 'failed'; error: string; text: string }
  /** Proxmox refused a part of an answer, or a guest's agent did not answer: the error's code, and Proxmox's text. */
  | { code: 'refused'; error: string; text: string }
  /** A check lacks some of what it needs: backups, backup jobs, other users' tasks. */
  | { code: 'not-all-backups-seen' }
  | { code: 'jobs-not-readable' }
  | { code: 'own-tasks-only' }
  /** Stored by an older version, in words that this one does not know. */
  | { code: 'other'; text: string };

/** A map key: equal for reasons with the same code and facts, whatever their order. */
export function reasonKey(reason: Reason): string {
  return JSON.stringify(Object.entries(reason).sort(([a], [b]) => (a < b ? -1 : 1)));
}
