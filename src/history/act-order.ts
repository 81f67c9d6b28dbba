import { parseUpid } from '../model/upid.ts';
import type { Act } from './acts.ts';

/** Orders acts by their beginning: within one second as the processes of their tasks were started. */
export function byBeginning(a: Act, b: Act): number {
  return a.from - b.from || inTurn(a, b);
}

/** Whether an act had ended when another one did; of tasks of the very same seconds the one that was started first. */
export function endsBefore(a: Act, b: Act): boolean {
  return a.from === b.from && a.to === b.to ? inTurn(a, b) < 0 : a.to < b.to;
}

/** By the clock ticks since boot that a UPID bears, then by process: of one node only, 0 where that says nothing. */
function inTurn(a: Act, b: Act): number {
  const [one, other] = [parseUpid(a.cause.upid ?? ''), parseUpid(b.cause.upid ?? '')];
  if (one === null || other === null || one.node !== other.node) return 0;
  return one.pstart - other.pstart || one.pid - other.pid;
}
