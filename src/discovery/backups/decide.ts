import type { BackupFacts, Detail } from '../../model/detail.ts';
import { earliestOf, type OurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { bornAfter, type Origin } from '../guests/births.ts';

/** Whose backups are kept: of the guests there are, and of whoever had their VMIDs before. */
export const TOPICS = ['backups', 'former_backups'] as const;
/** One of `TOPICS`. */
export type BackupTopic = (typeof TOPICS)[number];

/** One backup, or what is known of several: whose it is, when the newest was made (ms), and how large they are. */
export interface Backup extends BackupFacts {
  subject: string;
}

/** What a storage lists. */
export interface BackupListing {
  backups: Backup[];
  /** Rows are missing: what was told of any guest before stands. */
  short: boolean;
  /** Guests not all of whose backups could be read: what was told of them before stands. */
  unread: ReadonlySet<string>;
}

/** What storages list, what was kept of them, and how the guests came by their VMIDs. Times in ms. */
export interface BackupsObserved {
  observedAt: OurTime;
  /** By storage, or `storage@node` of a local one: those that could be read. */
  read: ReadonlyMap<string, BackupListing>;
  kept: Detail<BackupTopic>[];
  /** Storages (`storage@node`) that there are, read or not. */
  existing: ReadonlySet<string>;
  /** By guest (`vm/101`) under whose VMID backups lie. */
  origins: ReadonlyMap<string, Origin>;
  /** How far clocks may be apart, so that a backup seems older than its guest. */
  slack: number;
  /** Every backup there is was listed. */
  complete: boolean;
  unseen: Unseen[];
}

/** What is to be written of backups: for each source that is written anew all of its rows. */
export interface BackupsDecided extends Pick<BackupsObserved, 'observedAt' | 'complete' | 'unseen'> {
  sources: { source: string; rows: Detail<BackupTopic>[] }[];
}

/** Decides whose the backups are, and what of those that could not be read stands. Pure. */
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

/** What is known of a storage's backups: as it lists them now; what it does not list (now) stands, but changes hands with the VMID. */
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

/** A backup from before its guest is that of whoever had the VMID then. */
function topicOf({ subject, newestAt }: Backup, births: ReadonlyMap<string, number>): BackupTopic {
  const born = births.get(subject);
  return born !== undefined && newestAt !== null && newestAt < born ? 'former_backups' : 'backups';
}

/** What is known of a guest's backups on one storage, as one. */
export function asBackup({ subject, data }: Detail<BackupTopic>): Backup {
  return { subject, ...data };
}

/** Backups summed up by guest. */
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
      // Where an older version read some of them, not all are known one by one.
      ...(theirs.every(one => one.volumes !== undefined) && {
        volumes: theirs.flatMap(one => one.volumes ?? []),
      }),
    };
    return { topic, subject, source, data, observedAt };
  });
}
