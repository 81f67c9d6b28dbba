import type { Row } from '../../mcp/define/output.ts';
import { isStatus } from '../../model/status.ts';
import { gib, round } from '../format/units.ts';
import type { Groups } from '../where/groups.ts';
import type { SeenGuest } from './select.ts';

/** The totals of a group of guests: how many, how many of them run, and what they have now. Unknown sizes are left out. */
export function guestSums(guests: readonly SeenGuest[]): Row {
  const count = (fits: (guest: SeenGuest) => boolean) => guests.filter(fits).length;
  const unseen = count(({ row }) => row.out !== null);
  const sum = (of: (guest: SeenGuest) => number | null) =>
    guests.reduce((total, guest) => total + (of(guest) ?? 0), 0);
  return {
    guests: guests.length,
    running: count(({ row }) => isStatus(row.status, 'running')),
    unseen: unseen > 0 ? unseen : null,
    cpus: round(
      sum(({ row }) => row.cpus),
      2,
    ),
    memory_gib: gib(sum(({ row }) => row.memoryBytes)),
  };
}

/** Hints for groups: what is in them that their sums do not show. */
export function groupHints(guests: readonly SeenGuest[], { overlap, lacking }: Groups): string[] {
  const templates = guests.filter(({ row }) => row.template).length;
  const running = guests.filter(({ row }) => isStatus(row.status, 'running')).length;
  const sizeless = guests.filter(({ row }) => row.cpus === null || row.memoryBytes === null).length;
  return [
    ...(overlap
      ? [
          `A guest with several values of a key is in the group of each: there are ${guests.length} guests in all.`,
        ]
      : []),
    ...(lacking.length > 0 ? [`A group without ${lacking.join(' or ')} is of guests that have none.`] : []),
    ...(running > 0 && running < guests.length
      ? [
          'cpus and memory_gib are of all guests of a group, running or not: where status=running is of those.',
        ]
      : []),
    ...(templates > 0
      ? [`Templates are counted, too (${templates}): where template=0 leaves them out.`]
      : []),
    ...(sizeless > 0 ? [`The sizes of ${sizeless} are not known and are in no sum.`] : []),
  ];
}
