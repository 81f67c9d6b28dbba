import { isDeepStrictEqual } from 'node:util';
import { diffStates } from '../../history/diff.ts';
import { normaliseConfig, normalisePending } from '../../history/normalise.ts';
import { guestState } from '../../history/resource-state.ts';
import type { FieldChange } from '../../model/change.ts';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';
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
import { guestKey } from '../common/guest-key.ts';
import { isOtherLife } from '../common/identity.ts';
import type { GuestChange } from '../guests/changes.ts';
import { afterReading, readAt } from '../guests/confirmed.ts';
import { type GuestVerdict, identified, replace } from '../guests/decide.ts';
import { successor } from '../guests/guest-entity.ts';
import { configEntity } from './config-entity.ts';

/** The clock that dates snapshots and ours differ a little, and seconds are cut off (ms). */
const SNAPSHOT_SLACK_MS = 60_000;
/** How long a row may repeat a past state (ms). */
const ROW_LAG_MS = 15_000;

/** One guest's configuration, and what was known of it. */
export interface ConfigCase {
  reading: GuestReading;
  known: GuestEntity;
  config: GuestConfigEntity | null;
  /** Its row in this run's listing, needed where it turns out to be another guest. */
  row: GuestObservation | undefined;
  /** It may have been rolled back since its configuration was last read: then its snapshots may be older than they seem. */
  rolledBack: boolean;
  /** When somebody else was given its VMID since then (ms, in the cluster's time), where the configuration does not tell. */
  replacedAt?: ClusterTime;
}

/** What configurations change in the store. */
export interface ConfigVerdict extends GuestVerdict {
  /** Guests as their configurations tell of them; `upserts` are those that turned out to be other guests. */
  told: GuestEntity[];
  /** Configurations that differ from what is stored. */
  configs: GuestConfigEntity[];
}

/** Our moments (ms) as others date them. */
export interface Times {
  cluster: (at: OurTime) => ClusterTime;
  node: (at: OurTime, node: string) => NodeTime;
}

/** How far clocks are ahead of ours (ms): the cluster's, and beside it those of nodes; those left out are the cluster's. */
export interface ConfigClocks {
  offset: number;
  ahead: ReadonlyMap<string, number>;
}

/** Configurations that were read; after the last ones what could not be, with no case. Times in ms. */
export interface ConfigsObserved {
  cases: ConfigCase[];
  clocks: ConfigClocks;
  /** How old the configurations are as a whole until all that is due has been read. */
  observedAt: OurTime;
  end: { unseen: Unseen[]; warnings: string[] } | null;
}

/** What a batch of configurations changes in the store, and what the last one ends with. */
export interface ConfigsDecided extends Pick<ConfigsObserved, 'observedAt' | 'end'> {
  verdict: ConfigVerdict;
  /** What was kept of these guests' configurations. */
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

/** Our moments (ms) by the clocks of others. */
export function timesOf({ offset, ahead }: ConfigClocks): Times {
  const cluster = (at: OurTime) => toClusterTime(at, offset);
  return { cluster, node: (at, node) => toNodeTime(cluster(at), ahead.get(node) ?? 0) };
}

/** Whether a part of the configuration was there at first sight, or may have been, but could not be read. */
function wasUnread(known: GuestConfigEntity, path: string): boolean {
  const [, part, key = ''] = /^(config|pending)\.([^.]+)/.exec(path) ?? [];
  return part !== undefined && known[part as 'config' | 'pending']?.[key] === null;
}

/** What tags and templates are taken for until they are read. */
function isNothing(value: JsonValue): boolean {
  return value === false || (Array.isArray(value) && value.length === 0);
}

/**
 * Decides what configurations mean. Pure. A first reading is knowledge gained, not a change. Snapshots are dated by their
 * node's clock: `times` tells our moments in it.
 */
export function decideConfigs(cases: ConfigCase[], times: Times): ConfigVerdict {
  const verdict: ConfigVerdict = { upserts: [], deletions: [], changes: [], told: [], configs: [] };
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
    replace(known, successor(row, reading, known, look), reading, since, verdict);
    if (!reading.unread.shortConfig) verdict.configs.push(configEntity(reading, null));
    return;
  }
  // Of what was never read whole, any key may have been there before.
  if (config === null && reading.unread.shortConfig) return;
  verdict.told.push(after);
  const changes = changesOf(one, after, next, times);
  if (config !== null && changes.length === 0) return;
  verdict.configs.push(next);
  verdict.changes.push(...changes);
}

/**
 * All in which a guest's configuration differs from what is kept, as one change for each moment since which it may be so.
 * What was so before, though nobody had read it, is learnt: that comes first, as a discovery.
 */
function changesOf(
  one: ConfigCase,
  after: GuestEntity,
  next: GuestConfigEntity,
  times: Times,
): GuestChange[] {
  const { reading, known, config } = one;
  const told = { windowAfter: known.configSeen ?? known.lastSeen, windowBefore: reading.readAt };
  const first = firstReading(one, after, next, times);
  const from = first ?? { guest: known, config: sameForm(config!, next) };
  const fields = diffStates(guestState(from.guest, from.config), guestState(after, next));
  const since = ({ path, from: was }: FieldChange) => {
    // Only what appears may have been there before.
    if (was !== null && !isNothing(was)) return readAt(known, path) ?? told.windowAfter;
    const unread = config !== null && wasUnread(config, path);
    return unread || wasThere(path, one, times) ? null : readAt(known, path);
  };
  const windows = [...Map.groupBy(fields, since)].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
  const gained = first === null && config!.pending === null && next.pending !== null;
  if (gained && !windows.some(([at]) => at === null)) windows.unshift([null, []]);
  const changes: GuestChange[] =
    first === null ? [] : [discovery(known, first.guest, told, withConfig(reading, first.config))];
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
        ? discovery(before, sofar.guest, told, kept)
        : {
            ...told,
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

/** A guest's row and its configuration: what a version keeps. */
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

/** A reading that tells no more than this. */
function withConfig(reading: GuestReading, { config, pending, snapshots }: GuestConfigEntity): GuestReading {
  return { ...reading, config, pending: pending ?? undefined, snapshots };
}

/** What the first reading of a configuration leaves known; null where there was one before. */
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
 * Whether a snapshot that is new to us was there at the last look. The list is read where there is, or was, one that the
 * present descends from. Of one dated before that look and off that line nobody had heard; one on it was still being made
 * then, unless the guest was rolled back to it since.
 */
function wasThere(path: string, { reading, known, config, rolledBack }: ConfigCase, times: Times): boolean {
  const name = /^snapshots\.(.*)$/s.exec(path)?.[1];
  if (name === undefined || config === null || Object.keys(config.snapshots).length > 0) return false;
  const at = reading.snapshots?.[name];
  if (at === undefined) return false;
  // A look from the future: our clock was set back, so the two cannot be compared.
  const looked =
    known.configSeen === null || known.configSeen > reading.readAt ? ourTime(0) : known.configSeen;
  const isOld = at < times.node(looked, reading.node) - SNAPSHOT_SLACK_MS;
  return isOld && (rolledBack || !reading.lineage.includes(name));
}

/** A state with these fields as they are in the next one. */
function withFields(sofar: Kept, to: Kept, fields: FieldChange[]): Kept {
  const paths = fields.map(({ path }) => path);
  const isMoved = (key: string) => paths.some(path => `${path}.`.startsWith(`${key}.`));
  const move = <T extends object>(part: string, from: T, next: T): T => {
    const others = Object.entries(from).filter(([key]) => !isMoved(`${part}.${key}`));
    const own = Object.entries(next).filter(([key]) => isMoved(`${part}.${key}`));
    return Object.fromEntries([...others, ...own]) as T;
  };
  const { guest, config } = sofar;
  const told = (['name', 'tags', 'template'] as const).filter(isMoved).map(path => [path, to.guest[path]]);
  return {
    guest: { ...guest, ...Object.fromEntries(told) },
    config: {
      ...config,
      config: move('config', config.config, to.config.config),
      pending: config.pending && to.config.pending && move('pending', config.pending, to.config.pending),
      snapshots: move('snapshots', config.snapshots, to.config.snapshots),
    },
  };
}

/** A configuration stored by an earlier version may have another form: that is no change. */
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
