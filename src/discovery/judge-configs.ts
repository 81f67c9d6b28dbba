import type { FieldChange } from '../model/change.ts';
import type { GuestConfigEntity, GuestEntity } from '../model/entity.ts';
import type { GuestObservation, GuestReading } from '../model/observation.ts';
import type { GuestState, JsonObject } from '../model/state.ts';
import { diffStates } from '../state/diff.ts';
import { isKeptInConfig, normaliseConfig, normalisePending } from '../state/normalise.ts';
import { guestState } from '../state/resource-state.ts';
import { successor } from './guest-entity.ts';
import { isOtherLife } from './identity.ts';
import { type GuestChange, type GuestVerdict, replace } from './judge-guests.ts';

/** A snapshot is dated before it shows in the list (ms). */
const SNAPSHOT_SLACK_MS = 60_000;

/** One guest's configuration, and what was known of it. */
export interface ConfigCase {
  reading: GuestReading;
  known: GuestEntity;
  config: GuestConfigEntity | null;
  /** Its row in this run's listing, needed where it turns out to be another guest. */
  row: GuestObservation | undefined;
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
  cluster: (at: number) => number;
  node: (at: number, node: string) => number;
}

/**
 * The configuration as the store keeps it. A part that could not be read this time stands as it was; null where
 * nothing was known yet, so that it is told from one that was not there.
 */
export function configEntity(reading: GuestReading, previous: GuestConfigEntity | null): GuestConfigEntity {
  const { keys, shortConfig, shortSnapshots } = reading.unread;
  const config = { ...(shortConfig && previous?.config), ...reading.config };
  const pending = reading.pending && { ...(shortConfig && previous?.pending), ...reading.pending };
  for (const key of keys) {
    if (isKeptInConfig(key)) stand(config, key, previous?.config);
    if (pending !== undefined) stand(pending, key, previous?.pending ?? undefined);
  }
  return {
    type: reading.type,
    id: reading.id,
    config,
    pending: pending ?? previous?.pending ?? null,
    snapshots: snapshotsAfter(reading.snapshots, shortSnapshots, previous?.snapshots ?? {}),
    observedAt: reading.readAt,
  };
}

function snapshotsAfter(
  seen: GuestReading['snapshots'],
  isShort: boolean,
  known: GuestConfigEntity['snapshots'],
): GuestConfigEntity['snapshots'] {
  if (seen === undefined) return known;
  const snapshots = isShort ? { ...known } : {};
  for (const [name, told] of Object.entries(seen)) {
    const at = told ?? known[name];
    if (at !== undefined) snapshots[name] = at;
  }
  return snapshots;
}

/** Lets a key stand as it was known; null where nothing was known yet. */
function stand(now: JsonObject, key: string, before: JsonObject | undefined): void {
  const known = before === undefined ? null : before[key];
  if (known !== undefined) now[key] ??= known;
}

/** Whether a part of the configuration was there at first sight, or may have been, but could not be read. */
function wasUnread(known: GuestConfigEntity, path: string): boolean {
  const [, part, key = ''] = /^(config|pending)\.([^.]+)/.exec(path) ?? [];
  return part !== undefined && known[part as 'config' | 'pending']?.[key] === null;
}

/**
 * Decides what configurations mean. Pure. A first reading is knowledge gained, not a change. Snapshots are dated by their
 * node's clock: `times` tells our moments in it.
 */
export function judgeConfigs(cases: ConfigCase[], times: Times): ConfigVerdict {
  const verdict: ConfigVerdict = { upserts: [], deletions: [], changes: [], told: [], configs: [] };
  for (const one of cases) judge(one, times, verdict);
  return verdict;
}

function judge({ reading, known, config, row }: ConfigCase, times: Times, verdict: ConfigVerdict): void {
  const next = configEntity(reading, config);
  const after: GuestEntity = {
    ...known,
    ...promoted(reading, known),
    identity: reading.identity ?? known.identity,
    configSeen: reading.readAt,
  };
  if (row !== undefined && isOtherLife(known.identity, reading.identity)) {
    const { readAt } = reading;
    const after = successor(row, reading, known, { observedAt: readAt, firstSeen: times.cluster(readAt) });
    replace(known, after, reading, readAt, verdict);
    if (!reading.unread.shortConfig) verdict.configs.push(configEntity(reading, null));
    return;
  }
  // Of what was never read whole, any key may have been there before.
  if (config === null && reading.unread.shortConfig) return;
  verdict.told.push(after);
  // Until the first reading, name, tags and template came from the listing, which lags.
  const before = known.configSeen === null ? { ...known, ...promoted(reading, known) } : known;
  const differing = differences(before, config, guestState(after, next));
  const gained = config?.pending === null && next.pending !== null;
  if (config !== null && differing.length === 0 && !gained) return;
  // A snapshot older than the last look at the guest was there already, though its list was not read.
  // A look from the future: our clock was set back, so the two cannot be compared.
  const looked = known.configSeen ?? reading.readAt;
  const lastLook = looked > reading.readAt ? 0 : times.node(looked, reading.node) - SNAPSHOT_SLACK_MS;
  const fields = differing.filter(
    ({ path, from, to }) =>
      !(path.startsWith('snapshots.') && from === null && Number(to) < lastLook) &&
      !(from === null && config !== null && wasUnread(config, path)),
  );
  verdict.configs.push(next);
  const change: GuestChange = {
    change: fields.length > 0 ? 'updated' : 'discovered',
    before: known,
    after,
    fields,
    windowAfter: known.configSeen ?? known.lastSeen,
    windowBefore: reading.readAt,
    reading,
  };
  verdict.changes.push(change);
}

/** A configuration stored by an earlier version may have another form: that is no change. */
function differences(
  before: GuestEntity,
  config: GuestConfigEntity | null,
  after: GuestState,
): FieldChange[] {
  const differing = diffStates(guestState(before, config), after);
  if (config === null || differing.length === 0) return differing;
  const sameForm = {
    ...config,
    config: normaliseConfig(config.config),
    pending: config.pending && normalisePending(config.pending),
  };
  return diffStates(guestState(before, sameForm), after);
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
