import type { GuestFact } from './fact.ts';
import type { GuestFacts } from './sources.ts';

/** What guest lists can be sorted by. */
export const GUEST_SORTS = ['vmid', 'name', 'node', 'status', 'cpus', 'memory', 'disk', 'uptime'] as const;
/** One of `GUEST_SORTS`. */
export type GuestSort = (typeof GUEST_SORTS)[number];

/** The value each order compares; null if unknown. */
const SORTED: Readonly<Record<GuestSort, (row: GuestFact) => string | number | null>> = {
  vmid: row => row.vmid,
  name: row => row.name?.toLowerCase() ?? null,
  node: row => row.node.toLowerCase(),
  status: row => row.status,
  cpus: row => row.cpus,
  memory: row => row.memoryBytes,
  disk: row => row.bootDiskBytes,
  uptime: row => row.uptimeSeconds,
};

/** Sorts as the store's own lists do: absent facts last, VMID and type breaking ties in the same direction. */
export function sortGuests<G extends Pick<GuestFacts, 'row'>>(
  guests: readonly G[],
  by: GuestSort,
  order: 'asc' | 'desc',
): G[] {
  const direction = order === 'desc' ? -1 : 1;
  const of = SORTED[by];
  const keyed = guests.map(guest => ({ guest, key: of(guest.row!), row: guest.row! }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return (a.row.vmid - b.row.vmid || (a.row.type < b.row.type ? 1 : -1)) * direction;
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return (a.key < b.key ? -1 : 1) * direction;
  });
  return keyed.map(({ guest }) => guest);
}
