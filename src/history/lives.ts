import { byBeginning } from './act-order.ts';
import { type Act, CUT_OFF_MS, type Seen, within } from './acts.ts';
import { CREATED, DELETED, type Moved } from './effects.ts';

const COMES: Moved = { path: CREATED, from: null, to: true, together: new Map() };
const GOES: Moved = { path: DELETED, from: true, to: null, together: new Map() };

/**
 * Whether an act can have begun or ended the life of a VMID that was seen to begin or end, given what the other acts did. A VMID
 * is free while a guest is created: what began after a creation did not end the life before, and what came before it did not
 * begin the present one; nor did what was created before an end. A restore may overwrite a guest: it begins a life only where no
 * guest brought before it was still there, and ends one only where nothing found the VMID free after it.
 */
export function turnsLife(
  act: Act,
  path: typeof CREATED | typeof DELETED,
  acts: readonly Act[],
  { windowAfter, windowBefore }: Seen,
): boolean {
  const before = acts.filter(
    other =>
      other !== act && brings(other) && other.from - other.error > (windowAfter ?? 0) && follows(act, other),
  );
  const madeAfter = acts.some(other => makes(other) && follows(other, act));
  if (path === DELETED) {
    if (before.some(makes)) return false;
    return !leavesOne(act) || (!madeAfter && before.length === 0);
  }
  const ended = acts.filter(other => ends(other) && other.to <= windowBefore);
  if (madeAfter || ended.some(end => follows(end, act))) return false;
  return makes(act) || before.every(other => ended.some(end => follows(end, other) && follows(act, end)));
}

/**
 * Whether an act was over before a life began that earlier looks saw begin: at most it ended the life before. A guest that was
 * seen to be created had answered by then; within one second the tasks of one node have an order.
 */
export function endedBefore(act: Act, acts: readonly Act[], earlier: readonly Seen[]): boolean {
  const made = acts.filter(other => makes(other) && follows(other, act));
  return earlier.some(
    ({ change, ...life }) =>
      (change === 'created' && act.to + act.error + CUT_OFF_MS < life.windowBefore) ||
      ((change === 'created' || change === 'discovered') &&
        made.some(other => within(other, { change, ...life }))),
  );
}

/** Whether an act began once another was over; within one second only the tasks of one node have an order. */
function follows(act: Act, other: Act): boolean {
  return act.from >= other.to && byBeginning(other, act) < 0;
}

/** Whether a guest exists after the act that it created, over another one or not. */
export function brings(act: Act): boolean {
  return act.explains(COMES);
}

/** Whether it creates a guest where there is none. */
function makes(act: Act): boolean {
  return brings(act) && !leavesOne(act);
}

/** Whether it may end a guest, but only by putting another in its place: a restore. */
export function leavesOne(act: Act): boolean {
  return brings(act) && act.mayExplain?.(GOES) === true;
}

function ends(act: Act): boolean {
  return act.explains(GOES);
}
