import type { GuestEntity, Unconfirmed } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';
import { hasProcess } from '../../model/status.ts';
import { earliestOf, type OurTime } from '../../model/time.ts';

/**
 * The facts a listing tells about a guest, beside its existence and its node. Until a guest's configuration is read, `OF_CONFIG`
 * comes from there as well.
 */
const LISTED = ['status', 'started_at', 'lock', 'pool', 'ha'] as const;
const OF_CONFIG = ['name', 'tags', 'template'] as const;
/** What a row repeats of its node's last broadcast; the rest is the cluster's. */
const BROADCAST: ReadonlySet<string> = new Set(['status', 'started_at', 'name', 'template']);
/** What a running guest uses, by the names of its columns: without a value in the row, the known one is old. */
const USED = { cpu_percent: 'cpuUsage', memory_percent: 'memoryUsage' } as const;
const isUsed = (fact: string): fact is keyof typeof USED => fact in USED;
const OF_ROW = [...LISTED, ...(Object.keys(USED) as (keyof typeof USED)[])];
/** Parts of a configuration that may be refused while the rest is read. */
const CONFIG_PARTS = ['pending', 'snapshots'] as const;
/** The fact that stands for all keys and values; `config.net0` stands for a single key. */
const ALL_KEYS = 'config';
const keyFact = (key: string) => `${ALL_KEYS}.${key}`;
const isOfKeys = (fact: string) => fact === ALL_KEYS || fact.startsWith(`${ALL_KEYS}.`);
/** Most unread keys that are tracked singly; beyond that the whole configuration counts as unread. */
const KEYS_AT_MOST = 8;
type Fact = (typeof OF_ROW)[number] | (typeof OF_CONFIG)[number];

/** What a look cannot tell although its row seems to. */
interface Blind {
  poolsHidden: boolean;
  /** Nodes whose rows repeat their last broadcast. */
  oldRows?: ReadonlySet<string>;
  /** Nodes of which nothing tells whether their rows do. */
  unsureRows?: ReadonlySet<string>;
}

/** Whether a look told this fact: by its row, or by the guest's own answer where it was asked. */
function tells(
  fact: Fact,
  row: GuestObservation,
  reading: GuestReading | undefined,
  { poolsHidden, oldRows }: Blind,
): boolean {
  const live = reading?.live;
  const isOld = oldRows?.has(row.node) ?? false;
  if (isUsed(fact))
    return row.usage[USED[fact]] !== undefined || (row.status !== undefined && !hasProcess(row.status));
  switch (fact) {
    case 'status':
      return live ? live.status !== undefined : row.status !== undefined && !isOld;
    case 'started_at': {
      if (live === undefined && isOld) return false;
      // The answer of the guest itself counts, even without a status.
      const { status, bootAt } = live ?? row;
      return status !== 'running' || bootAt !== undefined;
    }
    case 'lock':
      return live !== undefined || row.lock !== undefined;
    case 'pool':
      // A token that may not see every pool cannot distinguish "in none" from "in a hidden one".
      return row.pool !== undefined && !(row.pool === null && poolsHidden);
    case 'name':
    case 'template':
      return reading !== undefined || (row[fact] !== undefined && !isOld);
    default:
      return row[fact] !== undefined || (fact !== 'ha' && reading !== undefined);
  }
}

/** Whether a reading told all of a part: neither refused nor cut short, and with a time for each snapshot. */
function tellsPart(reading: GuestReading, part: (typeof CONFIG_PARTS)[number]): boolean {
  if (part === 'pending') return reading.pending !== undefined;
  const { snapshots, unread } = reading;
  return snapshots !== undefined && !unread.shortSnapshots && !Object.values(snapshots).includes(undefined);
}

/** The facts that the first look at a guest left open. */
export function neverConfirmed(
  row: GuestObservation,
  reading: GuestReading | undefined,
  poolsHidden: boolean,
): Unconfirmed | null {
  const open = [
    ...[...OF_ROW, ...OF_CONFIG].filter(fact => !tells(fact, row, reading, { poolsHidden })),
    ...CONFIG_PARTS.filter(part => reading !== undefined && !tellsPart(reading, part)),
    // The stored values do not show that these keys were never read.
    ...[...(reading?.unread.keys ?? [])].filter(key => OF_CONFIG.some(fact => isOf(fact, key))).map(keyFact),
  ];
  return open.length === 0 ? null : Object.fromEntries(open.map(fact => [fact, null]));
}

/** The facts that a later look leaves open. Returns the same object where nothing about that changed. */
export function stillUnconfirmed(
  known: GuestEntity,
  row: GuestObservation,
  reading: GuestReading | undefined,
  blind: Blind,
): Unconfirmed | null {
  const before = known.unconfirmed ?? {};
  const facts = known.configSeen === null ? [...OF_ROW, ...OF_CONFIG] : OF_ROW;
  // What an old row left open stays so until a row is certainly none.
  const isUnsure = (fact: Fact) =>
    BROADCAST.has(fact) &&
    fact in before &&
    reading?.live === undefined &&
    blind.unsureRows?.has(row.node) === true;
  const open = [
    ...facts.filter(fact => !tells(fact, row, reading, blind) || isUnsure(fact)),
    // Only the next reading of the configuration can close these.
    ...Object.keys(before).filter(fact => CONFIG_PARTS.some(part => part === fact) || isOfKeys(fact)),
  ];
  if (open.length === Object.keys(before).length && open.every(fact => fact in before))
    return known.unconfirmed;
  if (open.length === 0) return null;
  return Object.fromEntries(open.map(fact => [fact, fact in before ? before[fact]! : known.lastSeen]));
}

/** The facts that a reading of the configuration leaves open, each with the time since when (ms; null: it was never known). */
export function afterReading(known: GuestEntity, reading: GuestReading): Unconfirmed | null {
  const former = known.unconfirmed ?? {};
  const others = Object.entries(former).filter(
    ([fact]) => !isOfKeys(fact) && !CONFIG_PARTS.some(part => part === fact),
  );
  const parts = CONFIG_PARTS.filter(part => !tellsPart(reading, part)).map(
    part => [part, part in former ? former[part]! : known.configSeen] as const,
  );
  const { keys, shortConfig } = reading.unread;
  const all = shortConfig || keys.size > KEYS_AT_MOST;
  const since = (key: string) => keyConfirmedAt(former, key, known.configSeen);
  const keysOpen = all
    ? [
        [
          ALL_KEYS,
          firstOf([
            known.configSeen,
            ...Object.keys(former)
              .filter(isOfKeys)
              .map(fact => former[fact]!),
          ]),
        ] as const,
      ]
    : [...keys].map(key => [keyFact(key), since(key)] as const);
  const open = [...others, ...parts, ...keysOpen];
  return open.length === 0 ? null : Object.fromEntries(open);
}

/** When a field that comes from the configuration was last read (ms); null where it never was. */
export function readAt({ unconfirmed, configSeen, lastSeen }: GuestEntity, path: string): OurTime | null {
  const last = configSeen ?? lastSeen;
  const open = unconfirmed ?? {};
  const part = CONFIG_PARTS.find(one => path.startsWith(`${one}.`));
  if (part !== undefined && part in open) return open[part]!;
  if (part === 'snapshots') return last;
  const keys = PROMOTED[path] ?? [path.replace(/^(?:config|pending)\./, '')];
  return firstOf(keys.map(key => keyConfirmedAt(open, key, last)));
}

/** The configuration keys behind a promoted field, where they differ from its name. */
const PROMOTED: { [path: string]: string[] } = { name: ['name', 'hostname'] };

function isOf(fact: string, key: string): boolean {
  return (PROMOTED[fact] ?? [fact]).includes(key);
}

/** When a key was last read. `key` may include a subfield: `net0.tag`. */
function keyConfirmedAt(open: Unconfirmed, key: string, last: OurTime | null): OurTime | null {
  const fact = Object.keys(open).find(
    one => one === ALL_KEYS || (isOfKeys(one) && `${keyFact(key)}.`.startsWith(`${one}.`)),
  );
  return fact === undefined ? last : open[fact]!;
}

/** The earliest moment; null if any of them is. */
function firstOf(moments: readonly (OurTime | null)[]): OurTime | null {
  return moments.includes(null) ? null : earliestOf(moments.filter(at => at !== null));
}

/** When a field of a guest's state was last confirmed (ms); null where it never was. */
export function confirmedAt(known: GuestEntity, path: string): OurTime | null {
  const open = known.unconfirmed ?? {};
  const facts = path === 'started_at' ? ['status', 'started_at'] : [path];
  const since = facts.filter(fact => fact in open).map(fact => open[fact]!);
  return since.length === 0 ? known.lastSeen : firstOf(since);
}
