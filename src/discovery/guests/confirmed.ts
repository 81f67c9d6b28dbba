import type { GuestEntity, Unconfirmed } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';

/** What a listing tells of a guest beside its being there and where; until its configuration was read, its name too. */
const LISTED = ['status', 'lock', 'pool', 'ha'] as const;
const OF_CONFIG = ['name', 'tags', 'template'] as const;
/** Parts of a configuration that may be refused while the rest is read. */
export const CONFIG_PARTS = ['pending', 'snapshots'] as const;
type Fact = (typeof LISTED)[number] | (typeof OF_CONFIG)[number];

/** Which facts of a guest a look told: its row, and its own answer where it was asked. */
function tells(
  fact: Fact,
  row: GuestObservation,
  reading: GuestReading | undefined,
  poolsHidden: boolean,
): boolean {
  const live = reading?.live;
  switch (fact) {
    case 'status':
      return (live ? live.status : row.status) !== undefined;
    case 'lock':
      return live !== undefined || row.lock !== undefined;
    case 'pool':
      // Who may not see every pool cannot tell "in none" from "in one that is hidden".
      return row.pool !== undefined && !(row.pool === null && poolsHidden);
    default:
      return row[fact] !== undefined || (fact !== 'ha' && reading !== undefined);
  }
}

/** Whether a reading told all of a part: it was neither refused nor cut short, and each snapshot has its time. */
export function tellsPart(reading: GuestReading, part: (typeof CONFIG_PARTS)[number]): boolean {
  if (part === 'pending') return reading.pending !== undefined;
  const { snapshots, unread } = reading;
  return snapshots !== undefined && !unread.shortSnapshots && !Object.values(snapshots).includes(undefined);
}

/** What the first look at a guest left open. */
export function neverConfirmed(
  row: GuestObservation,
  reading: GuestReading | undefined,
  poolsHidden: boolean,
): Unconfirmed | null {
  const open = [
    ...[...LISTED, ...OF_CONFIG].filter(fact => !tells(fact, row, reading, poolsHidden)),
    ...CONFIG_PARTS.filter(part => reading !== undefined && !tellsPart(reading, part)),
  ];
  return open.length === 0 ? null : Object.fromEntries(open.map(fact => [fact, null]));
}

/** What a further look leaves open. The same object where that is what was open before. */
export function stillUnconfirmed(
  known: GuestEntity,
  row: GuestObservation,
  reading: GuestReading | undefined,
  poolsHidden: boolean,
): Unconfirmed | null {
  const before = known.unconfirmed ?? {};
  const facts = known.configSeen === null ? [...LISTED, ...OF_CONFIG] : LISTED;
  const open = [
    ...facts.filter(fact => !tells(fact, row, reading, poolsHidden)),
    // These are the next reading's to tell.
    ...CONFIG_PARTS.filter(part => part in before),
  ];
  if (open.length === Object.keys(before).length && open.every(fact => fact in before))
    return known.unconfirmed;
  if (open.length === 0) return null;
  return Object.fromEntries(open.map(fact => [fact, fact in before ? before[fact]! : known.lastSeen]));
}

/** When a field of a guest's state was last confirmed (ms); null where it never was. */
export function confirmedAt(known: GuestEntity, path: string): number | null {
  const fact = path === 'started_at' ? 'status' : path;
  const open = known.unconfirmed;
  return open && fact in open ? open[fact]! : known.lastSeen;
}
