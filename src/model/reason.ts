/**
 * Why something is unseen, absent, incomplete or refused: a code, and the facts that belong to it. It is stored as it
 * stands here (as JSON) and decided on by its code alone; `reasonText` puts it into words at the way out.
 */
export type Reason =
  /** The node a guest stands on is off, or cut off from the majority. */
  | { code: 'node-not-online'; node: string }
  /** The node a guest is listed on is none of the cluster's (any more). */
  | { code: 'node-not-member'; node: string }
  /** The node answers, but its rows tell no status. */
  | { code: 'node-without-status'; node: string }
  /** The answering side is no majority, so what it tells of others may be out of date. */
  | { code: 'no-quorum' }
  | { code: 'quorum-unknown' }
  /** A node whose two sources disagree, or that is judged by a side without quorum. */
  | { code: 'status-contradicted' }
  /** Something was answered in a form that cannot be read: of a row a part, all of it, or a part of a storage's definition. */
  | { code: 'row-partly-unread' }
  | { code: 'row-unread' }
  | { code: 'definition-partly-unread' }
  /** The listing lacks it, which proves nothing yet. */
  | { code: 'not-listed' }
  /** The listing was caught lacking what is there, so that its gaps prove nothing. */
  | { code: 'listing-short' }
  | { code: 'listing-short-of'; what: 'guest' | 'storage' }
  /** It is on no node that was asked, though its VMID is taken. */
  | { code: 'moved-unlisted' }
  /** The token has no right to see it, whether or not it, or another one, ever had. */
  | { code: 'no-right' }
  /** More is missing than one run asks for. */
  | { code: 'not-asked-yet' }
  | { code: 'no-node-to-ask'; of: 'storage' | 'backups' }
  | { code: 'tasks-unread'; node: string }
  /** It left its node between the listing and the question. */
  | { code: 'gone-while-read' }
  | { code: 'change-unconfirmed' }
  /** None of the nodes a storage is meant for reported it, or these did not at the last look. */
  | { code: 'storage-untold'; nodes: string[] }
  /** A request failed, or a refresh: the code of the error (`proxmox-timeout`), and its own words. */
  | { code: 'failed'; error: string; text: string }
  /** Proxmox refused a part of an answer, or a guest's agent is silent: the code of the error, and what Proxmox said. */
  | { code: 'refused'; error: string; text: string }
  /** A check has not all it would need: backups, the jobs that make them, tasks of others. */
  | { code: 'not-all-backups-seen' }
  | { code: 'jobs-not-readable' }
  | { code: 'own-tasks-only' }
  /** Written down by an older version in words that this one does not know. */
  | { code: 'other'; text: string };

/** Equal for reasons with the same code and facts, in whatever order these stand: for keys of maps. */
export function reasonKey(reason: Reason): string {
  return JSON.stringify(Object.entries(reason).sort(([a], [b]) => (a < b ? -1 : 1)));
}
