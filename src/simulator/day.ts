import { afternoon } from './day-afternoon.ts';
import { castDay } from './day-cast.ts';
import { morning } from './day-morning.ts';
import type { Simulator } from './index.ts';
import { day, hour, minute } from './timing.ts';
import type { TruthEvent } from './truth.ts';

/** A step of the scripted day that has happened. */
export interface DoneStep {
  index: number;
  /** Time of day, in UTC unless `from` moved the day. */
  at: string;
  /** The same as milliseconds since 1970. */
  time: number;
  /** What happened, in plain words. */
  label: string;
  /** The cluster was too small for it: nothing happened. */
  skipped: boolean;
  /** What really changed since the previous step, by this step or by tasks that ended meanwhile. */
  events: TruthEvent[];
}

/** Options of `runDay`. */
export interface DayOptions {
  /** Called after each step; the day waits for it. */
  onStep?: (step: DoneStep) => Promise<void> | void;
  /** The last step to run, by its time of day: `12:30`. */
  until?: string;
  /** When the day's 06:00 is (milliseconds since 1970), if not 06:00 UTC; not before the clock's time. */
  from?: number;
}

/**
 * Plays a working day from 06:00 to 22:00 UTC: the clock's current day if it is not past six yet, else the next one. The
 * simulator's clock jumps from step to step; tasks that run longer end on the way.
 */
export async function runDay(simulator: Simulator, options: DayOptions = {}): Promise<DoneStep[]> {
  const { clock, truth, world } = simulator;
  const now = clock.now();
  const today = Math.floor(now / day) * day;
  const usual = now <= today + timeOfDay('06:00') ? today : today + day;
  const midnight = options.from === undefined ? usual : options.from - timeOfDay('06:00');
  clock.set(midnight + timeOfDay('06:00'));
  const cast = castDay(() => truth.state());
  const done: DoneStep[] = [];
  let seen = truth.events.length;
  for (const [index, { at, label, act }] of [...morning, ...afternoon].entries()) {
    if (options.until !== undefined && at > options.until) break;
    const time = midnight + timeOfDay(at);
    clock.set(time);
    const skipped = act({ world, cast, now: time }) === false;
    const step = { index, at, time, label, skipped, events: truth.events.slice(seen) };
    seen = truth.events.length;
    done.push(step);
    await options.onStep?.(step);
  }
  return done;
}

function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':').map(Number) as [number, number];
  return hours * hour + minutes * minute;
}
