import { parseUpid } from '../model/upid.ts';
import type { Act } from './acts.ts';

/** Orders acts by when they began; within one second, by when the processes of their tasks were started. */
export function byBeginning(a: Act, b: Act): number {
  return a.from - b.from || inTurn(a, b);
}

/** Whether one act had ended when the other did; of two tasks within the same seconds, the one that was started first. */
export function endsBefore(a: Act, b: Act): boolean {
  return a.from === b.from && a.to === b.to ? inTurn(a, b) < 0 : a.to < b.to;
}

/** Compares the clock ticks since boot in the UPIDs, then the processes; 0 where these say nothing, as for different nodes. */
function inTurn(a: Act, b: Act): number {
  const [one, other] = [parseUpid(a.cause.upid ?? ''), parseUpid(b.cause.upid ?? '')];
  if (one === null || other === null || one.node !== other.node) return 0;
  return one.pstart - other.pstart || one.pid - other.pid;
}
