import { describeError } from '../errors.ts';

/** Longest message about a failure that nobody awaited (characters). */
const FAILURE_AT_MOST = 500;
/** Frames of its stack: enough to find the place. */
const FRAMES = 4;

/** Reports failures that nobody awaited; gets one bounded sentence and where it happened. */
export type Says = (failure: string, stack: string) => void;

/**
 * Keeps the process alive after a rejection that nobody awaits or an exception in an event handler, so that other requests are
 * still answered. What a one-shot command should do instead is up to `says`.
 */
export function surviveFailures(says: Says): void {
  const report = (error: unknown) => {
    const frames = error instanceof Error ? (error.stack ?? '').split('\n    at ').slice(1, 1 + FRAMES) : [];
    says(describeError(error).slice(0, FAILURE_AT_MOST).toWellFormed(), frames.join(' < '));
  };
  process.on('unhandledRejection', report);
  process.on('uncaughtException', report);
  // The reader of our log may be gone: logging that would fail in the same way, endlessly.
  process.stderr.on('error', () => {});
}
