import type { Version } from '../../src/model/change.ts';
import type { TruthEvent } from '../../src/simulator/index.ts';
import { expectRelated } from './compare-truth.ts';

/** A row's cause as answers show it. */
export interface ShownCause {
  upid?: string;
  type: string;
  user: string;
  source: string;
  fields?: string[];
}

/** What was found of the authors of changes, beside the truth. */
export interface AuthorTally {
  /** Causes that had no part in any of the fields they are named for. */
  false: string[];
  /** Changed fields whose last author Proxmox keeps a record of, and those of them for which nobody of that act is named. */
  recorded: number;
  missed: string[];
}

/** A row may show what was over for so long, and seconds are cut off (ms). */
const LAG_MS = 15_000;

/** Compares the causes of each version with who really did it. */
export function compareAuthors(
  versions: readonly Version[],
  causesOf: (index: number) => readonly ShownCause[],
  events: readonly TruthEvent[],
): AuthorTally {
  const tally: AuthorTally = { false: [], recorded: 0, missed: [] };
  const byResource = Map.groupBy(events, event => event.resource);
  for (const [index, version] of versions.entries()) {
    if (version.change === 'discovered') continue;
    const key = `${version.type}/${version.resourceId}`;
    const real = (byResource.get(key) ?? []).filter(event => event.at <= version.windowBefore + 999);
    const paths = version.change === 'updated' ? version.fields.map(field => field.path) : [version.change];
    const causes = causesOf(index);
    const label = `${key} #${version.seq} ${paths.join(' ')}`;
    for (const cause of causes) {
      const part = (cause.fields ?? paths).filter(path => real.some(event => did(event, cause, path)));
      if (part.length === 0) tally.false.push(`${label}: ${cause.type} by ${cause.user}`);
    }
    const after = (version.windowAfter ?? version.windowBefore) - LAG_MS;
    for (const path of paths) {
      const fits = (event: TruthEvent) => event.at >= after && moved(event, path, false);
      // Of several lives in one window the first ended for whoever was known; the last to act left the rest as it is.
      const last =
        path === 'deleted'
          ? firstSince(version, real.filter(fits))
          : lastTo(version, path, real.filter(fits));
      if (last === undefined || !isRecorded(last, path, key)) continue;
      tally.recorded++;
      const named = causes.filter(cause => (cause.fields ?? paths).includes(path));
      if (!authorsOf(last, path, real).some(event => named.some(cause => isAct(event, cause))))
        tally.missed.push(`${label}: ${path} by ${last.cause!.type} of ${last.cause!.user}`);
    }
  }
  return tally;
}

/** The last of these that left a field as it was seen, since a row may not show yet what came after; else the last. */
function lastTo({ fields }: Version, path: string, events: readonly TruthEvent[]): TruthEvent | undefined {
  const seen = fields.find(field => field.path === path)?.to;
  const left = (event: TruthEvent) => event.fields?.find(field => field.path === path)?.to;
  return events.findLast(event => left(event) !== undefined && left(event) === seen) ?? events.at(-1);
}

/** The first of these within a version's window; where none is, one that a row had not shown yet. */
function firstSince({ windowAfter }: Version, events: readonly TruthEvent[]): TruthEvent | undefined {
  return events.find(event => event.at >= (windowAfter ?? 0)) ?? events[0];
}

/**
 * A value that waited is its author's, whose line Proxmox keeps, as much as whoever's stop put it into effect: where both
 * happened in one window nothing tells that it had waited (of a VM that is off, or with hot-plug of memory, it never does).
 */
function authorsOf(last: TruthEvent, path: string, real: readonly TruthEvent[]): TruthEvent[] {
  const key = /^config\.([^.]+)/.exec(path)?.[1];
  const waited = (event: TruthEvent) => event.fields?.find(field => field.path === `pending.${key}`);
  if (key === undefined || waited(last)?.to !== null) return [last];
  const setter = real.findLast(event => event.at <= last.at && (waited(event)?.to ?? null) !== null);
  return setter === undefined ? [last] : [last, setter];
}

function did(event: TruthEvent, cause: ShownCause, path: string): boolean {
  return (isAct(event, cause) && moved(event, path)) || requested(event, cause, path);
}

function isAct(event: TruthEvent, cause: ShownCause): boolean {
  if (cause.upid !== undefined) return event.task !== undefined && isSameAct(event.task, cause.upid);
  return event.task === undefined && event.cause?.user === cause.user;
}

/** Whether two tasks are one, or differ in their process alone: begun by the same user in the same hundredth of a second. */
function isSameAct(a: string, b: string): boolean {
  const act = (upid: string) => upid.split(':').toSpliced(2, 1).join(':');
  return act(a) === act(b);
}

/** What the HA manager then does as root was asked for by whoever made the request. */
function requested(event: TruthEvent, cause: ShownCause, path: string): boolean {
  return /^ha/.test(cause.type) && event.cause?.user === 'root@pam' && moved(event, path);
}

function moved(event: TruthEvent, path: string, power = true): boolean {
  if (path === 'created' || path === 'deleted') return event.change === path;
  const running = path.replace(/^pending\./, 'config.');
  return (
    event.fields?.some(field => {
      const real = field.path.replace(/^pending\./, 'config.');
      return expectRelated(real, running) || (power && isPower(real) && isPower(path));
    }) === true
  );
}

function isPower(path: string): boolean {
  return path === 'status' || path === 'started_at';
}

/** Tasks, and lines for edits of VMs; edits of containers, pools and HA leave nothing. */
function isRecorded({ cause, task }: TruthEvent, path: string, key: string): boolean {
  if (cause === undefined) return false;
  // What a destruction takes away besides the guest, its task does not tell.
  if (!/^(?:vm|container)\//.test(key)) return false;
  if (task !== undefined) return true;
  return (
    key.startsWith('vm/') && cause.type === 'update' && /^(?:config|pending|name|tags|template)\b/.test(path)
  );
}
