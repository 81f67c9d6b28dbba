import type { Simulator } from './index.ts';
import { type Event, incidents, nightly, ordinary, type Scene } from './month-events.ts';
import { Random } from './prng.ts';
import { day as dayMs, hour, minute } from './timing.ts';

/** A moment to look at the cluster, with a description of what has happened since the previous one. */
export interface MonthLook {
  /** Starts at 1. */
  day: number;
  happened: string[];
}

/** Options of `runMonth`. */
export interface MonthOptions {
  days: number;
  /** Same seed, same cluster: same story. Default 1. */
  seed?: number;
  /** Called some minutes after the last of a few events; the month waits for it. */
  onLook: (look: MonthLook) => Promise<void> | void;
}

/**
 * Lets days pass from the clock's time to the end of the last day: people work on guests (less on the last two days of a week),
 * backups run at night, a storage and two nodes fail and come back. In the end the cluster is whole.
 */
export async function runMonth(
  { clock, truth, world }: Simulator,
  { days, seed = 1, onLook }: MonthOptions,
): Promise<void> {
  const random = new Random(seed ^ 0x6a09e667);
  const nodes = Object.keys(truth.state().nodes).map(key => key.slice('node/'.length));
  const scene: Scene = { world, random, nodes, made: { guests: [], snapshots: [] } };
  const begin = clock.now();
  for (let day = 1; day <= days; day++) {
    const dawn = begin + (day - 1) * dayMs;
    const busy = day % 7 === 6 || day % 7 === 0 ? 1 : 2;
    const some = () => random.shuffle(ordinary).slice(0, busy);
    const looks: [after: number, events: Event[]][] = [
      [2 * hour, some()],
      ...incidents(day).map(([after, event]): [number, Event[]] => [after, [event]]),
      [9 * hour, some()],
      [18 * hour, [nightly]],
    ];
    for (const [after, events] of looks) {
      clock.set(dawn + after);
      const happened: string[] = [];
      for (const event of events) {
        const outcome = event(scene);
        if (outcome !== undefined) happened.push(outcome);
        // Long enough for any task to end.
        clock.advance(5 * minute);
      }
      await onLook({ day, happened });
    }
  }
  clock.set(begin + days * dayMs);
}
