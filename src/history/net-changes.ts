import { isDeepStrictEqual } from 'node:util';
import type { ChangeType, End, FieldChange, Step } from '../model/change.ts';
import type { Facet } from '../model/facet.ts';
import { type ResourceKey, versionKey } from '../model/resource.ts';
import { sameField } from './causes.ts';

/** The net change of one life of a resource over an interval. */
export interface NetChange {
  key: ResourceKey;
  incarnation: number;
  name: string | null;
  node: string | null;
  change: ChangeType;
  /** The facet that reported its last step. */
  facet: Facet;
  fields: FieldChange[];
  /** When its last step was recorded, and the span of all its windows (ms). */
  at: number;
  windowAfter: number | null;
  windowBefore: number;
  /** The steps that left a trace in it, oldest first: the cause of each can be a cause of it. */
  steps: Step[];
  seq: number;
  /** Its last relevant version: within one commit, a deletion comes before the creation that follows it. */
  versionId: number;
}

/**
 * Folds versions, oldest first, into net changes: changed and changed back is nothing, created and deleted again is nothing, and
 * what was only learnt is no change.
 */
export function netChanges(versions: Step[]): NetChange[] {
  const lives = new Map<string, Step[]>();
  for (const version of versions) {
    const life = `${versionKey(version)}#${version.incarnation}`;
    const sofar = lives.get(life);
    if (sofar === undefined) lives.set(life, [version]);
    else sofar.push(version);
  }
  return [...lives.values()].flatMap(life => foldLife(life) ?? []);
}

/** Whether a life begins with this version. */
function isBeginning({ change, windowAfter }: Pick<Step, 'change' | 'windowAfter'>): boolean {
  return change === 'created' || (change === 'discovered' && windowAfter === null);
}

/**
 * What the first and last version of an interval alone say about a resource's net change: the id of the version that orders it,
 * null where there is none, undefined where the steps in between are needed. Never a guess: the first change of a field shows its
 * value at the start, and the last change its value at the end.
 */
export function compareEnds(first: End, last: End): number | null | undefined {
  if (first.incarnation !== last.incarnation) return undefined;
  const ended = last.change === 'deleted';
  if (isBeginning(first)) return ended ? null : first.id;
  if (ended) return last.id;
  const moved = last.fields.some(({ path, to }) => {
    const start = first.fields.find(field => field.path === path);
    return start !== undefined && !isDeepStrictEqual(start.from, to);
  });
  return moved ? last.id : undefined;
}

function foldLife(life: Step[]): NetChange | null {
  const first = life[0]!;
  const last = life.at(-1)!;
  const began = isBeginning(first) ? first : undefined;
  const ended = last.change === 'deleted';
  if (began && ended) return null;
  const change = began?.change ?? (ended ? 'deleted' : 'updated');
  const fields = change === 'updated' ? foldFields(life) : [];
  if (change === 'updated' && fields.length === 0) return null;
  // What was changed back left no trace, so it dates nothing either.
  const remaining = new Set(fields.map(field => field.path));
  const lasting = (version: Step) => version.fields.some(field => remaining.has(field.path));
  const relevant = change === 'updated' ? life.filter(lasting) : [began ?? last];
  const [oldest, newest] = [relevant[0]!, relevant.at(-1)!];
  // Whoever set a pending value made the change, whoever restarted.
  const traced = (version: Step) =>
    version.fields.some(({ path }) => [...remaining].some(one => sameField(one, path)));
  return {
    key: { type: first.type, id: first.resourceId },
    incarnation: first.incarnation,
    name: last.name,
    node: last.node,
    change,
    facet: newest.facet,
    fields,
    at: newest.at,
    windowAfter: oldest.windowAfter,
    windowBefore: newest.windowBefore,
    steps: change === 'updated' ? life.filter(traced) : relevant,
    seq: newest.seq,
    versionId: newest.id,
  };
}

function foldFields(life: Step[]): FieldChange[] {
  const net = new Map<string, FieldChange>();
  for (const version of life) {
    for (const { path, from, to } of version.fields) {
      const { from: first } = net.get(path) ?? { from };
      net.set(path, { path, from: first, to });
    }
  }
  return [...net.values()]
    .filter(({ from, to }) => !isDeepStrictEqual(from, to))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a change concerns a node: the resource was there before or after it. */
export function concernsNode(change: NetChange, node: string): boolean {
  return change.node === node || change.fields.some(({ path, from }) => path === 'node' && from === node);
}
