import { describeError } from '../errors.ts';

/** What is said of a failure that nobody awaited (characters). */
const FAILURE_AT_MOST = 500;
/** Frames of its stack: enough to find the place. */
const FRAMES = 4;

/** What hears of failures that nobody awaited; `says` gets one bounded sentence and where it happened. */
export type Says = (failure: string, stack: string) => void;

/**
 * Keeps the process alive where a promise is rejected that nobody awaits, or an event handler throws: what else is
 * asked is still answered. What a one-shot command should do instead is up to `says`.
 */
export function surviveFailures(says: Says): void {
  const heard = (error: unknown) => {
    const frames = error instanceof Error ? (error.stack ?? '').split('\n    at ').slice(1, 1 + FRAMES) : [];
    says(describeError(error).slice(0, FAILURE_AT_MOST).toWellFormed(), frames.join(' < '));
  };
  process.on('unhandledRejection', heard);
  process.on('uncaughtException', heard);
  // The reader of our log may be gone: logging that would fail the same way, without end.
  process.stderr.on('error', () => {});
}
