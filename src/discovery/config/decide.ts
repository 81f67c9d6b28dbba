import { isDeepStrictEqual } from 'node:util';
import { diffStates } from '../../history/diff.ts';
import { normaliseConfig, normalisePending } from '../../history/normalise.ts';
import { guestState } from '../../history/resource-state.ts';
import type { FieldChange } from '../../model/change.ts';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';
import { guestKey } from '../../model/resource.ts';
import type { JsonValue } from '../../model/state.ts';
import {
  type ClusterTime,
  earliest,
  later,
  type NodeTime,
  type OurTime,
  ourTime,
  toClusterTime,
  toNodeTime,
} from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { isOtherLife } from '../common/identity.ts';
import type { GuestChange } from '../guests/changes.ts';
import { afterReading, readAt } from '../guests/confirmed.ts';
import { type GuestVerdict, identified, replace } from '../guests/decide.ts';
import { nextIncarnation } from '../guests/guest-entity.ts';
import { configEntity } from './config-entity.ts';

/** How far the clock that dates snapshots may differ from the cluster's, with seconds cut off (ms). */
const SNAPSHOT_SLACK_MS = 60_000;
/** How long a row may repeat a past state (ms). */
const ROW_LAG_MS = 15_000;

/** One guest's configuration, beside what was known of it. */
export interface ConfigCase {
  reading: GuestReading;
  known: GuestEntity;
  config: GuestConfigEntity | null;
  /** Its row in this run's listing, needed where it turns out to be a different guest. */
  row: GuestObservation | undefined;
  /** It may have been rolled back since its configuration was last read: its snapshots may then be older than they seem. */
  rolledBack: boolean;
  /** When its VMID went to another guest since then, in the cluster's time, where only tasks reveal that. */
  replacedAt?: ClusterTime;
}

/** What configurations change in the store. */
export interface ConfigVerdict extends GuestVerdict {
  /** Guests updated from their configurations; `upserts` are those that turned out to be different guests. */
  refreshed: GuestEntity[];
  /** Configurations that differ from what is stored. */
  configs: GuestConfigEntity[];
}

/** Converts our moments to other clocks. */
export interface Times {
  cluster: (at: OurTime) => ClusterTime;
  node: (at: OurTime, node: string) => NodeTime;
}

/** How far clocks are ahead (ms): the cluster's of ours, and nodes' of the cluster's; nodes left out agree with the cluster. */
export interface ConfigClocks {
  offset: number;
  ahead: ReadonlyMap<string, number>;
}

/** Configurations that were read; the last value has no cases and says what could not be read. Times in ms. */
export interface ConfigsObserved {
  cases: ConfigCase[];
  clocks: ConfigClocks;
  /** The age of the configurations as a whole until all that are due have been read. */
  observedAt: OurTime;
  end: { unseen: Unseen[]; warnings: string[] } | null;
}

/** What a batch of configurations changes in the store, and how the last one ends. */
export interface ConfigsDecided extends Pick<ConfigsObserved, 'observedAt' | 'end'> {
  verdict: ConfigVerdict;
  /** The stored configurations of these guests. */
  stored: ReadonlyMap<string, GuestConfigEntity>;
  /** All guests that were read. */
  read: readonly string[];
}

/** Decides what a batch of configurations means. Pure. */
export function decideConfigBatch({ cases, clocks, observedAt, end }: ConfigsObserved): ConfigsDecided {
  const stored = cases.flatMap(({ known, config }) =>
    config === null ? [] : [[guestKey(known), config] as const],
  );
  return {
    verdict: decideConfigs(cases, timesOf(clocks)),
    stored: new Map(stored),
    read: cases.map(({ known }) => guestKey(known)),
    observedAt,
    end,
  };
}

/** Converters for these offsets. */
export function timesOf({ offset, ahead }: ConfigClocks): Times {
  const cluster = (at: OurTime) => toClusterTime(at, offset);
  return { cluster, node: (at, node) => toNodeTime(cluster(at), ahead.get(node) ?? 0) };
}

/** Whether a part of the configuration existed, or may have existed, at first sight but could not be read. */
function wasUnread(known: GuestConfigEntity, path: string): boolean {
  const [, part, key = ''] = /^(config|pending)\.([^.]+)/.exec(path) ?? [];
  return part !== undefined && known[part as 'config' | 'pending']?.[key] === null;
}

/** The values that tags and template have until they are read. */
function isNothing(value: JsonValue): boolean {
  return value === false || (Array.isArray(value) && value.length === 0);
}

/**
 * Decides what configurations mean. Pure. A first reading is knowledge gained, not a change. `times` converts our moments to the
 * node clocks that date snapshots.
 */
export function decideConfigs(cases: ConfigCase[], times: Times): ConfigVerdict {
  const verdict: ConfigVerdict = { upserts: [], deletions: [], changes: [], refreshed: [], configs: [] };
  for (const one of cases) decide(one, times, verdict);
  return verdict;
}

function decide(one: ConfigCase, times: Times, verdict: ConfigVerdict): void {
  const { reading, known, config, row } = one;
  const next = configEntity(reading, config);
  const after: GuestEntity = {
    ...known,
    ...promoted(reading, known),
    identity: reading.identity ?? known.identity,
    configSeen: reading.readAt,
    unconfirmed: afterReading(known, reading),
  };
  if (row !== undefined && (one.replacedAt !== undefined || isOtherLife(known.identity, reading.identity))) {
    const { readAt } = reading;
    const firstSeen = times.cluster(readAt);
    const look = { observedAt: readAt, firstSeen, poolsHidden: false };
    const goneAt = one.replacedAt === undefined ? readAt : later(readAt, one.replacedAt - firstSeen);
    const since = earliest(known.lastSeen ?? readAt, identified(known), goneAt);
    replace(known, nextIncarnation(row, reading, known, look), reading, since, verdict);
    if (!reading.unread.shortConfig) verdict.configs.push(configEntity(reading, null));
    return;
  }
  // In a configuration never read in full, any key may have existed before.
  if (config === null && reading.unread.shortConfig) return;
  verdict.refreshed.push(after);
  const changes = changesOf(one, after, next, times);
  if (config !== null && changes.length === 0) return;
  verdict.configs.push(next);
  verdict.changes.push(...changes);
}

/**
 * All differences between a guest's configuration and the stored one, as one change per moment since which they may exist. What
 * existed before but was never read is learnt: that comes first, as a discovery.
 */
function changesOf(
  one: ConfigCase,
  after: GuestEntity,
  next: GuestConfigEntity,
  times: Times,
): GuestChange[] {
  const { reading, known, config } = one;
  const window = { windowAfter: known.configSeen ?? known.lastSeen, windowBefore: reading.readAt };
  const first = firstReading(one, after, next, times);
  const from = first ?? { guest: known, config: sameForm(config!, next) };
  const fields = diffStates(guestState(from.guest, from.config), guestState(after, next));
  const since = ({ path, from: was }: FieldChange) => {
    // Only something that appears may have existed before.
    if (was !== null && !isNothing(was)) return readAt(known, path) ?? window.windowAfter;
    const unread = config !== null && wasUnread(config, path);
    return unread || wasThere(path, one, times) ? null : readAt(known, path);
  };
  const windows = [...Map.groupBy(fields, since)].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
  const gained = first === null && config!.pending === null && next.pending !== null;
  if (gained && !windows.some(([at]) => at === null)) windows.unshift([null, []]);
  const changes: GuestChange[] =
    first === null ? [] : [discovery(known, first.guest, window, withConfig(reading, first.config))];
  let sofar = from;
  for (const [n, [windowAfter, some]] of windows.entries()) {
    const before = sofar.guest;
    sofar =
      n === windows.length - 1
        ? { guest: after, config: next }
        : withFields(sofar, { guest: after, config: next }, some);
    const kept = withConfig(reading, sofar.config);
    changes.push(
      windowAfter === null
        ? discovery(before, sofar.guest, window, kept)
        : {
            ...window,
            change: 'updated',
            before,
            after: sofar.guest,
            fields: some,
            windowAfter,
            reading: kept,
          },
    );
  }
  return changes;
}

/** A guest's row and its configuration: the content of a version. */
interface Kept {
  guest: GuestEntity;
  config: GuestConfigEntity;
}

function discovery(
  before: GuestEntity,
  after: GuestEntity,
  window: Pick<GuestChange, 'windowAfter' | 'windowBefore'>,
  reading: GuestReading,
): GuestChange {
  return { ...window, change: 'discovered', before, after, fields: [], reading };
}

/** The reading, reduced to this configuration. */
function withConfig(reading: GuestReading, { config, pending, snapshots }: GuestConfigEntity): GuestReading {
  return { ...reading, config, pending: pending ?? undefined, snapshots };
}

/** What the first reading of a configuration establishes; null where it was read before. */
function firstReading(
  { reading, known, config }: ConfigCase,
  after: GuestEntity,
  next: GuestConfigEntity,
  times: Times,
): Kept | null {
  if (config !== null) return null;
  // Until now name, tags and template came from the listing, which lags.
  const lagged = times.cluster(reading.readAt) - known.createdAt <= ROW_LAG_MS;
  const listed = { name: known.name, tags: known.tags, template: known.template };
  return { guest: lagged || known.configSeen !== null ? after : { ...after, ...listed }, config: next };
}

/**
 * Whether a snapshot that is new to us existed at the last look. The list is read only if the guest descends from a snapshot, now
 * or before. A snapshot dated before that look and off the line of descent was simply not seen; one on the line was still being
 * made then, unless the guest has been rolled back to it since.
 */
function wasThere(path: string, { reading, known, config, rolledBack }: ConfigCase, times: Times): boolean {
  const name = /^snapshots\.(.*)$/s.exec(path)?.[1];
  if (name === undefined || config === null || Object.keys(config.snapshots).length > 0) return false;
  const at = reading.snapshots?.[name];
  if (at === undefined) return false;
  // A look in the future: our clock was set back, so the two cannot be compared.
  const looked =
    known.configSeen === null || known.configSeen > reading.readAt ? ourTime(0) : known.configSeen;
  const isOld = at < times.node(looked, reading.node) - SNAPSHOT_SLACK_MS;
  return isOld && (rolledBack || !reading.lineage.includes(name));
}

/** The first state with these fields taken from the second. */
function withFields(sofar: Kept, to: Kept, fields: FieldChange[]): Kept {
  const paths = fields.map(({ path }) => path);
  const isMoved = (key: string) => paths.some(path => `${path}.`.startsWith(`${key}.`));
  const move = <T extends object>(part: string, from: T, next: T): T => {
    const others = Object.entries(from).filter(([key]) => !isMoved(`${part}.${key}`));
    const own = Object.entries(next).filter(([key]) => isMoved(`${part}.${key}`));
    return Object.fromEntries([...others, ...own]) as T;
  };
  const { guest, config } = sofar;
  const moved = (['name', 'tags', 'template'] as const).filter(isMoved).map(path => [path, to.guest[path]]);
  return {
    guest: { ...guest, ...Object.fromEntries(moved) },
    config: {
      ...config,
      config: move('config', config.config, to.config.config),
      pending: config.pending && to.config.pending && move('pending', config.pending, to.config.pending),
      snapshots: move('snapshots', config.snapshots, to.config.snapshots),
    },
  };
}

/** A configuration that an earlier version stored in another form: that is no change. */
function sameForm(config: GuestConfigEntity, next: GuestConfigEntity): GuestConfigEntity {
  if (isDeepStrictEqual(config.config, next.config) && isDeepStrictEqual(config.pending, next.pending))
    return config;
  return {
    ...config,
    config: normaliseConfig(config.config),
    pending: config.pending && normalisePending(config.pending),
  };
}

function promoted(
  { name, tags, template }: GuestReading,
  known: GuestEntity,
): Pick<GuestEntity, 'name' | 'tags' | 'template'> {
  return {
    name: name === undefined ? known.name : name,
    tags: tags ?? known.tags,
    template: template ?? known.template,
  };
}
