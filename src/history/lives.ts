import { byBeginning } from './act-order.ts';
import { type Act, CUT_OFF_MS, type Seen, within } from './acts.ts';
import { CREATED, DELETED, type Moved } from './effects.ts';

const COMES: Moved = { path: CREATED, from: null, to: true, together: new Map() };
const GOES: Moved = { path: DELETED, from: true, to: null, together: new Map() };

/**
 * Whether an act can have begun or ended the life of a VMID that was seen to begin or end, after what the others did.
 * A VMID is free while a guest is made: what begins after that does not end the life before, and what came before it is
 * not what is there after it; nor is what was made before an end. A restore may be over a guest: it begins one only where
 * none was brought before that had not ended, and ends one only where nothing found the VMID free after it. Seconds are
 * whole: what happened in one second has no order.
 */
export function turnsLife(
  act: Act,
  path: typeof CREATED | typeof DELETED,
  acts: readonly Act[],
  { windowAfter, windowBefore }: Seen,
): boolean {
  const before = acts.filter(
    other =>
      other !== act && brings(other) && other.from - other.error > (windowAfter ?? 0) && other.to < act.from,
  );
  const madeAfter = acts.some(other => makes(other) && other.from > act.to);
  if (path === DELETED) {
    if (before.some(makes)) return false;
    return !leavesOne(act) || (!madeAfter && before.length === 0);
  }
  const ended = acts.filter(other => ends(other) && other.to <= windowBefore);
  if (madeAfter || ended.some(end => end.from > act.to)) return false;
  return makes(act) || before.every(other => ended.some(end => end.from > other.to && end.to <= act.from));
}

/**
 * Whether an act was over before a life began that earlier looks saw begin: it ended the one before, at most. Whoever was
 * seen to be created had then answered for itself; in one second the tasks of one node have an order.
 */
export function endedBefore(act: Act, acts: readonly Act[], earlier: readonly Seen[]): boolean {
  const made = acts.filter(other => makes(other) && other.from >= act.to && byBeginning(act, other) < 0);
  return earlier.some(
    ({ change, ...life }) =>
      (change === 'created' && act.to + act.error + CUT_OFF_MS < life.windowBefore) ||
      ((change === 'created' || change === 'discovered') &&
        made.some(other => within(other, { change, ...life }))),
  );
}

/** Whether a guest is there after it that it brought, over another one or not. */
export function brings(act: Act): boolean {
  return act.explains(COMES);
}

/** Whether it makes a guest where none is. */
function makes(act: Act): boolean {
  return brings(act) && !leavesOne(act);
}

/** Whether it may end a guest, but only by bringing another one: a restore. */
export function leavesOne(act: Act): boolean {
  return brings(act) && act.mayExplain?.(GOES) === true;
}

function ends(act: Act): boolean {
  return act.explains(GOES);
}
