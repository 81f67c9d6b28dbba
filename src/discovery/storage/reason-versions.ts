import { diffStates } from '../../history/diff.ts';
import type { NewVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { NodeStorageEntity } from '../../model/entity.ts';
import type { JsonObject } from '../../model/state.ts';

/** Why nodes cannot reach a storage, by node. */
export type Reasons = { [node: string]: string };

/** The reasons of one storage, for nodes whose views say that it is out of reach. */
export function reasonsOf(
  rows: readonly Detail<'storage_reason'>[],
  storage: string,
  views: readonly NodeStorageEntity[],
): Reasons {
  const cut = new Set(views.flatMap(view => (view.active === false ? [view.nodeId] : [])));
  return Object.fromEntries(
    rows.flatMap(({ subject, source, data }) =>
      subject === storage && cut.has(source) && data.text !== null ? [[source, data.text]] : [],
    ),
  );
}

/** A state with its reasons. */
export function withReasons(state: JsonObject, reasons: Reasons): JsonObject {
  return Object.keys(reasons).length === 0 ? state : { ...state, unreachable_reasons: reasons };
}

/** A storage's reasons before and now, and how to make a version of it. */
export interface ReasonsCompared {
  before: Reasons;
  now: Reasons;
  /** A version of the storage without any change in its fields. */
  bare: (change: NewVersion['change']) => NewVersion;
}

/**
 * The versions of a storage with its reasons added: these come and go with a node's reach. A reason that is reported later than
 * the outage is knowledge gained. Pure.
 */
export function versionsWithReasons(
  versions: readonly NewVersion[],
  compared: ReasonsCompared,
): NewVersion[] {
  const { before, now, bare } = compared;
  const turn = versions.findIndex(one => one.fields.some(({ path }) => path === 'unreachable'));
  const lost = nodesLost(versions[turn]);
  const gained = Object.fromEntries(
    Object.entries(now).filter(([node]) => before[node] === undefined && !lost.has(node)),
  );
  const learnt = { ...before, ...gained };
  const fields = diffStates({ unreachable_reasons: learnt }, { unreachable_reasons: now });
  const dated = versions.map((one, index) => {
    const isTurn = index === turn && fields.length > 0;
    const state = withReasons(one.state, turn !== -1 && index >= turn ? now : learnt);
    return { ...one, state, ...(isTurn && { fields: inOrder([...one.fields, ...fields]) }) };
  });
  const isLearning = versions[0]?.change === 'discovered';
  const first = Object.keys(gained).length > 0 && !isLearning ? [bare('discovered')] : [];
  const opening = first.map(one => ({ ...one, state: withReasons(one.state, learnt) }));
  if (turn !== -1 || fields.length === 0) return [...opening, ...dated];
  const other = bare('updated');
  const last = dated.at(-1) ?? opening.at(-1) ?? other;
  return [...opening, ...dated, { ...other, fields, state: withReasons(withoutReasons(last.state), now) }];
}

/** The nodes that lost the storage in this version. */
function nodesLost(turn: NewVersion | undefined): Set<unknown> {
  const reach = turn?.fields.find(({ path }) => path === 'unreachable');
  const listOf = (side: unknown): unknown[] => (Array.isArray(side) ? side : []);
  const before = listOf(reach?.from);
  return new Set(listOf(reach?.to).filter(node => !before.includes(node)));
}

function withoutReasons({ unreachable_reasons: _, ...state }: JsonObject): JsonObject {
  return state;
}

function inOrder(fields: NewVersion['fields']): NewVersion['fields'] {
  return fields.sort((a, b) => (a.path < b.path ? -1 : 1));
}
