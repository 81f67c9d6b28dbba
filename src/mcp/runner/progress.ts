import type { DiscoveryEvent } from '../../model/event.ts';

/** The progress of what a caller waits for: requests answered, of those known to be needed so far. */
export interface Progress {
  done: number;
  total: number;
  /** The same in a few words. */
  message: string;
  /** What is being done, unless it is reading the cluster: `Applying`. */
  doing?: string;
}

/** The same, but never falling: a new count continues from where the last one ended. */
export function rising(progress: (progress: Progress) => void): (progress: Progress) => void {
  let before = 0;
  let last = 0;
  return reported => {
    if (before + reported.done < last) before = last;
    last = before + reported.done;
    progress({ ...reported, done: last, total: before + reported.total });
  };
}

/** Passes on the progress of discoveries. */
export function progressTeller(progress: (progress: Progress) => void): (event: DiscoveryEvent) => void {
  return event => {
    if (event.type !== 'progress') return;
    const { done, total } = event;
    progress({ done, total, message: `${done} of ${total} requests answered` });
  };
}
