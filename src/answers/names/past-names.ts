import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ResourceName } from '../../history/resource-name.ts';
import { formatKey, type GuestType, isGuestType, type ResourceKey } from '../../model/resource.ts';
import { NEWEST_SEQ, type StoreReader } from '../../model/store.ts';
import { quoted } from '../format/text.ts';

/** A guest that had a name which no existing guest has. */
export interface FormerBearer extends ResourceKey {
  name: string | null;
  /** When it lost the name by being renamed, or its number to another guest (ms); null if it kept both to its end. */
  until: number | null;
  /** What its number is called now: its new name, or that of another guest. */
  now: string | null;
  /** The number belongs to another guest now. */
  reborn: boolean;
}

/** Most versions searched for names one by one; beyond that, only the last name of deleted guests is known. */
const STEPPED_THROUGH_AT_MOST = 30_000;

/** Every guest that once had this name. Used last, since it reads the whole history of all guests. */
export async function pastBearers(
  store: StoreReader,
  { vmid, types, text }: ResourceName,
  steppedAtMost = STEPPED_THROUGH_AT_MOST,
): Promise<FormerBearer[]> {
  if (vmid !== null) return [];
  const bears = ({ name }: { name: string | null }) => name?.toLowerCase() === text.toLowerCase();
  const bearers = types.filter(isGuestType).map(async type => {
    const few = (await store.countVersions({ type }, steppedAtMost + 1)) <= steppedAtMost;
    return few ? bearersEver(store, type, bears) : bearersAtTheEnd(store, type, bears);
  });
  return (await Promise.all(bearers)).flat();
}

type Bears = (version: { name: string | null }) => boolean;

async function bearersEver(store: StoreReader, type: GuestType, bears: Bears): Promise<FormerBearer[]> {
  const steps = Map.groupBy(await store.steps({ type }), step => step.resourceId);
  return [...steps].flatMap(([id, life]): FormerBearer[] => {
    const last = life.at(-1)!;
    const at = life.findLastIndex(bears);
    const named = life[at];
    if (named === undefined) return [];
    const lost = named.change === 'deleted' ? named : life[at + 1];
    const reborn = named.incarnation !== last.incarnation;
    return [
      {
        type,
        id,
        name: named.name,
        now: last.name,
        reborn,
        until: named === last ? null : (lost?.at ?? null),
      },
    ];
  });
}

async function bearersAtTheEnd(store: StoreReader, type: GuestType, bears: Bears): Promise<FormerBearer[]> {
  const ends = await store.ends({ type });
  const gone = ends.flatMap(([, last]) => (last.change === 'deleted' ? { type, id: last.resourceId } : []));
  const versions = await store.versionsAt(NEWEST_SEQ, gone);
  return versions
    .filter(bears)
    .map(({ resourceId: id, name }) => ({ type, id, name, until: null, now: name, reborn: false }));
}

/**
 * A hint for an answer about a guest that has another name now.
 * @throws UsageError if its number belongs to another guest and the answer is about one life only
 */
export function pastNote(
  bearer: FormerBearer,
  { timeZone, allLives }: { timeZone: string; allLives: boolean },
): string | undefined {
  const { name, until, now, reborn } = bearer;
  if (until === null) return undefined;
  const [key, called] = [formatKey(bearer), now === null ? 'nothing' : quoted(now)];
  const had = `${quoted(name ?? '')} was the name of ${key} until ${formatTime(until, timeZone)}`;
  if (!reborn) return `${had}; since then it is called ${called}.`;
  const belongs = `${had}; that number went to another guest (${called})`;
  if (allLives) return `${belongs}: this tells of both.`;
  // Its number may have been freed and reused in one commit.
  const before = formatTime(until - 1000, timeZone);
  throw new UsageError(`${belongs}.`, {
    hint: `get_resource {"resource":"${key}","at":"${before}"} shows it as it was, show_history {"resource":"${key}"} both lives.`,
  });
}
