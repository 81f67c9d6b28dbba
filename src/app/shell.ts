import type { Readable, Writable } from 'node:stream';
import { type Says, surviveFailures } from './last-resort.ts';
import { untilSignal } from './signals.ts';

/** What is written to: a terminal, a pipe or a file. */
export type Sink = Writable & { isTTY?: boolean; columns?: number };

/**
 * What surrounds one run of the program: where its words come from and go to, and what it may do to the process it runs
 * in, which may not be its own.
 */
export interface Shell {
  env: NodeJS.ProcessEnv;
  stdin: Readable & { isTTY?: boolean };
  stdout: Sink;
  stderr: Sink;
  /** Keeps the process alive where nobody awaited a failure, and says so. */
  survive(says: Says): void;
  /** Aborted when a person or the system wants the program to end. */
  untilSignal(): AbortSignal;
  /** For what runs long: little garbage is kept. */
  keepHeapSmall(): Promise<void>;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The process itself. */
export function ownShell(): Shell {
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    survive: surviveFailures,
    untilSignal,
    keepHeapSmall: async () => (await import('./heap.ts')).keepHeapSmall(),
    exit: code => process.exit(code),
  };
}
