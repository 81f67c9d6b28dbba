import { normaliseList, normaliseTags, normaliseValue } from '../../history/normalise.ts';
import type { BackupJobFacts } from '../../model/detail.ts';
import { LONGEST } from '../../model/limits.ts';
import type { JsonObject, JsonValue } from '../../model/state.ts';
import type { BackupJobRow, HaResourceRow, HaRuleRow } from '../../proxmox/endpoints/index.ts';
import { readScalar } from '../../proxmox/schema.ts';
import { isUnread } from '../../proxmox/unread.ts';

/*
 * The part of a row that makes history, in comparable form: the order of lists, numbers as texts, and property strings as
 * objects are only form. What changes by itself (the next run) or belongs to the file (digest, order) is left out.
 */

/** A row's state, and the fields of it that could not be read. */
export interface RowState {
  state: JsonObject;
  unread: string[];
}

/**
 * Keys of a job that have a field of their own in its state, or belong to none. PVE turns `starttime` and `dow` into a schedule.
 */
const JOB_KEYS = new Set([
  ...['id', 'type', 'digest', 'next-run', 'starttime', 'dow', 'enabled', 'schedule', 'storage', 'mode'],
  ...['all', 'vmid', 'exclude', 'pool', 'node', 'comment'],
]);

/** The state of a backup job: `options` holds everything without a field of its own, such as `prune-backups`. */
export function jobState(row: BackupJobRow, facts: BackupJobFacts): RowState {
  const { enabled, all, vmids, exclude } = facts;
  const options: JsonObject = {};
  const lost: string[] = [];
  for (const [key, value] of Object.entries(row)) {
    if (JOB_KEYS.has(key)) continue;
    const read = readOption(key, value);
    if (read === undefined) lost.push('options');
    else options[key] = read;
  }
  const settings = {
    ...withoutNulls({ schedule: row.schedule?.trim().replace(/\s+/g, ' '), storage: row.storage }),
    ...withoutNulls({ mode: row.mode, pool: row.pool, node: row.node, comment: row.comment || null }),
  };
  const fields = ['enabled', 'schedule', 'storage', 'mode', 'all', 'exclude', 'pool', 'node', 'comment'];
  const unread = [...unreadOf(row, fields), ...(isUnread(row, 'vmid') ? ['vmids'] : []), ...lost];
  return { state: { enabled, all, vmids, exclude, ...settings, options }, unread };
}

/** The requested state of a guest under HA. `enabled` is the old word for `started`. */
export function haResourceState(row: HaResourceRow): RowState {
  const { state = 'started', group, comment, max_restart, max_relocate, failback } = row;
  return {
    state: {
      requested: state === 'enabled' ? 'started' : state,
      ...withoutNulls({ group, comment: comment || null, max_restart, max_relocate }),
      ...withoutNulls({ failback }),
    },
    unread: unreadOf(row, ['group', 'comment', 'max_restart', 'max_relocate', 'failback'], {
      state: 'requested',
    }),
  };
}

/** The state of an HA rule; nodes with their priority, `pve1:2`. */
export function haRuleState(row: HaRuleRow): RowState {
  const { type, resources, nodes, strict = false, affinity, disable = false, comment } = row;
  return {
    state: {
      enabled: !disable,
      resources: normaliseList(resources),
      nodes: normaliseList(nodes),
      strict,
      ...withoutNulls({ type, affinity, comment: comment || null }),
    },
    unread: unreadOf(row, ['type', 'resources', 'nodes', 'strict', 'affinity', 'comment'], {
      disable: 'enabled',
    }),
  };
}

/** Options of the datacenter that some versions report as objects and others as text, with the default key of each. */
const PARTS: { readonly [option: string]: string | null } = {
  migration: 'type',
  bwlimit: 'default',
  ...Object.fromEntries(
    ['crs', 'ha', 'next-id', 'notify', 'replication', 'tag-style', 'u2f', 'user-tag-access', 'webauthn'].map(
      option => [option, null],
    ),
  ),
};

/**
 * The datacenter's options in comparable form; null where one of them cannot be read. `allowed-tags` is derived from the tags in
 * use, and is not an option.
 */
export function optionsState(options: { [name: string]: unknown }): JsonObject | null {
  const state: JsonObject = {};
  for (const [name, value] of Object.entries(options)) {
    if (name === 'allowed-tags' || name === 'digest' || value === '' || value === null) continue;
    const read = name === 'registered-tags' ? readTags(value) : readOption(name, value);
    // A text that arrived as a number cannot be read back.
    if (read === undefined || hasOddNumber(name, value)) return null;
    state[name] = read;
  }
  return state;
}

/** Options that are numbers or contain numbers. */
const NUMBERS = new Set(['max_workers', 'migration_unsecure', 'bwlimit', 'next-id']);

function hasOddNumber(name: string, value: unknown): boolean {
  if (NUMBERS.has(name)) return false;
  if (typeof value === 'number') return true;
  const parts = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return parts.some(part => typeof part === 'number' && part !== 0 && part !== 1);
}

function readTags(value: unknown): JsonValue | undefined {
  if (Array.isArray(value)) return readOption('registered-tags', value);
  return typeof value === 'string' ? normaliseTags(value) : undefined;
}

function readOption(name: string, value: unknown): JsonValue | undefined {
  if (Array.isArray(value))
    return value.every(part => typeof part === 'string' && part.length <= LONGEST.text)
      ? [...value].sort()
      : undefined;
  if (typeof value === 'object' && value !== null)
    return Object.values(value).every(part => readScalar(part) !== undefined)
      ? normaliseValue(name, value)
      : undefined;
  const scalar = readScalar(value);
  if (scalar === undefined) return undefined;
  const text = typeof scalar === 'string' ? scalar.slice(0, LONGEST.text) : scalar;
  const parts = typeof text === 'string' ? partsOf(name, text) : null;
  return normaliseValue(parts === null ? 'description' : name, parts ?? canonical(text));
}

/** The parts of an option that is a property string (`keep-last=3,keep-daily=7`); null for any other text. */
function partsOf(name: string, text: string): { [part: string]: string } | null {
  const first = PARTS[name] ?? null;
  if (!Object.hasOwn(PARTS, name) && !/^[a-z-]+=[^,\s]*(?:,[a-z-]+=[^,\s]*)*$/.test(text)) return null;
  const parts = text.split(',').map(part => part.split(/=(.*)/s) as [string, string?]);
  if (parts.some(([, value]) => value === undefined) && first === null) return null;
  return Object.fromEntries(
    parts.map(([key, value]) => (value === undefined ? [first!, key] : [key, value])),
  );
}

/** A flag as the text 0 or 1, the other form in which PVE sends it. */
function canonical(value: string | number | boolean): string {
  return String(typeof value === 'boolean' ? Number(value) : value);
}

function unreadOf(row: object, fields: readonly string[], named: { [field: string]: string } = {}): string[] {
  return [
    ...fields.filter(field => isUnread(row, field)),
    ...Object.entries(named).flatMap(([field, name]) => (isUnread(row, field) ? [name] : [])),
  ];
}

function withoutNulls(state: { [field: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(state).filter(
      (entry): entry is [string, JsonValue] => entry[1] !== null && entry[1] !== undefined,
    ),
  );
}
