import type { BackupFacts, Detail } from '../../model/detail.ts';
import { earliestOf, type OurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { bornAfter, type Origin } from '../guests/births.ts';

/** The topics under which backups are kept: those of present guests, and those of earlier guests with the same VMID. */
export const TOPICS = ['backups', 'former_backups'] as const;
/** One of `TOPICS`. */
export type BackupTopic = (typeof TOPICS)[number];

/** One backup, or the sum of several: the guest it belongs to, when the newest was made (ms), and the size. */
export interface Backup extends BackupFacts {
  subject: string;
}

/** The content of one storage. */
export interface BackupListing {
  backups: Backup[];
  /** Rows are missing: what was reported before stands for every guest. */
  short: boolean;
  /** Guests with a backup that could not be read: what was reported before stands for them. */
  unread: ReadonlySet<string>;
}

/** What the storages list, what was known of them, and how the guests got their VMIDs. Times in ms. */
export interface BackupsObserved {
  observedAt: OurTime;
  /** By storage, or `storage@node` for a local one; only those that could be read. */
  read: ReadonlyMap<string, BackupListing>;
  kept: Detail<BackupTopic>[];
  /** All existing storages (or `storage@node`), read or not. */
  existing: ReadonlySet<string>;
  /** By guest (`vm/101`) under whose VMID there are backups. */
  origins: ReadonlyMap<string, Origin>;
  /** How much older than its guest a backup may seem because clocks differ (ms). */
  slack: number;
  /** Every existing backup was listed. */
  complete: boolean;
  unseen: Unseen[];
}

/** What is to be written about backups: all rows of each source that is rewritten. */
export interface BackupsDecided extends Pick<BackupsObserved, 'observedAt' | 'complete' | 'unseen'> {
  sources: { source: string; rows: Detail<BackupTopic>[] }[];
}

/** Decides which guest each backup belongs to, and what stands of the backups that could not be read. Pure. */
export function decideBackups(observed: BackupsObserved): BackupsDecided {
  const { read, kept, existing, origins, slack, observedAt, complete, unseen } = observed;
  const births = new Map<string, number>();
  for (const [key, origin] of origins) {
    const born = bornAfter(origin);
    if (born !== null) births.set(key, born - slack);
  }
  const former = Map.groupBy(kept, row => row.source);
  const sources = [...new Set([...read.keys(), ...former.keys()])].flatMap(source => {
    const before = former.get(source) ?? [];
    const rows = existing.has(source) ? nowOn(source, read.get(source), before, { births, observedAt }) : [];
    const same = rows.length === before.length && rows.every(row => before.includes(row));
    return read.has(source) || !same ? [{ source, rows }] : [];
  });
  return { sources, observedAt, complete, unseen };
}

/**
 * The rows for one storage: what it lists now, and what stands of the rest. Rows from before the present guest move to
 * `former_backups`.
 */
function nowOn(
  source: string,
  listing: BackupListing | undefined,
  former: readonly Detail<BackupTopic>[],
  { births, observedAt }: { births: ReadonlyMap<string, number>; observedAt: OurTime },
): Detail<BackupTopic>[] {
  const standing = former.filter(row => listing === undefined || stillStands(listing, row.subject));
  const stands = new Set(standing.map(row => row.subject));
  const fresh = (listing?.backups ?? []).filter(one => !stands.has(one.subject));
  const listed = TOPICS.flatMap(topic =>
    rowsOf(
      topic,
      fresh.filter(one => topicOf(one, births) === topic),
      source,
      observedAt,
    ),
  );
  const moved = new Set(
    standing
      .filter(row => row.topic === 'backups' && topicOf(asBackup(row), births) !== row.topic)
      .map(row => row.subject),
  );
  const handed = [...moved].flatMap(subject => {
    const all = standing.filter(row => row.subject === subject);
    const oldest = earliestOf(all.map(row => row.observedAt))!;
    return rowsOf('former_backups', all.map(asBackup), source, oldest);
  });
  return [...listed, ...standing.filter(row => !moved.has(row.subject)), ...handed];
}

function stillStands({ short, unread }: BackupListing, subject: string): boolean {
  return short || unread.has(subject);
}

/** A backup made before the present guest existed belongs to an earlier guest with its VMID. */
function topicOf({ subject, newestAt }: Backup, births: ReadonlyMap<string, number>): BackupTopic {
  const born = births.get(subject);
  return born !== undefined && newestAt !== null && newestAt < born ? 'former_backups' : 'backups';
}

/** The kept row of a guest's backups on one storage, in the form of a listed backup. */
export function asBackup({ subject, data }: Detail<BackupTopic>): Backup {
  return { subject, ...data };
}

/** Sums backups up by guest. */
function rowsOf(
  topic: BackupTopic,
  backups: readonly Backup[],
  source: string,
  observedAt: OurTime,
): Detail<BackupTopic>[] {
  return [...Map.groupBy(backups, backup => backup.subject)].map(([subject, theirs]) => {
    const times = theirs.flatMap(({ newestAt }) => newestAt ?? []);
    const data = {
      count: theirs.reduce((sum, one) => sum + one.count, 0),
      newestAt: times.length === 0 ? null : Math.max(...times),
      bytes: theirs.reduce((sum, one) => sum + one.bytes, 0),
      // Rows written by an older version lack the single volumes: then they are not known for the sum, either.
      ...(theirs.every(one => one.volumes !== undefined) && {
        volumes: theirs.flatMap(one => one.volumes ?? []),
      }),
    };
    return { topic, subject, source, data, observedAt };
  });
}
