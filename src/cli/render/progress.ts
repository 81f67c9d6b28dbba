import type { Output } from '../host.ts';
import { shorten } from './cells.ts';

/** Anything faster needs no bar (ms). */
const WORTH_SHOWING_MS = 250;
const LONGEST_BAR = 40;

/** The progress of something. */
export interface Done {
  done: number;
  total: number;
  /** What is being done, unless it is reading the cluster. */
  doing?: string;
}

/** A progress bar on the terminal. Shows nothing if nobody is watching. */
export function progressBar({ live }: Pick<Output, 'live'>): { show(progress: Done): void; clear(): void } {
  if (live === null) return { show: () => {}, clear: () => {} };
  const began = performance.now();
  return {
    show: progress => {
      if (performance.now() - began >= WORTH_SHOWING_MS) live.show(barText(progress, live.width()));
    },
    clear: () => live.clear(),
  };
}

/** `Reading the cluster ━━━━━━━━──── 120 of 180`, in at most `width` columns. */
export function barText({ done, total, doing }: Done, width: number): string {
  const title = doing ?? 'Reading the cluster';
  const count = `${done} of ${total}`;
  const room = Math.min(LONGEST_BAR, width - title.length - count.length - 2);
  if (room < 5) return shorten(`${title} ${count}`, width);
  const filled = Math.floor((room * Math.min(done, total)) / Math.max(1, total));
  return `${title} ${'━'.repeat(filled)}${'─'.repeat(room - filled)} ${count}`;
}
