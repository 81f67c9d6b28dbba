import type { RunProgress } from '../../model/event.ts';
import type { RequestObserver } from '../../proxmox/index.ts';

/** The shortest interval between two progress events (ms). */
const EVERY_MS = 100;

/** Counts a run's requests: those answered, out of those made and those expected. */
export class Progress implements RequestObserver {
  readonly #tell: (progress: RunProgress) => void;
  #made = 0;
  #done = 0;
  #expected = 0;
  #reportedAt = 0;

  constructor(tell: (progress: RunProgress) => void) {
    this.#tell = tell;
  }

  /** Sets how many requests will follow those already made. */
  expect(requests: number): void {
    this.#expected = requests;
  }

  requested(): void {
    this.#made += 1;
  }

  answered(): void {
    this.#done += 1;
    const total = this.#made + this.#expected;
    const now = performance.now();
    if (now - this.#reportedAt < EVERY_MS) return;
    this.#reportedAt = now;
    this.#tell({ type: 'progress', done: this.#done, total });
  }
}
