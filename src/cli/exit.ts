/** Exit codes: all is well, a call or the program failed, or it was asked wrongly. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Commands that have said what failed set their exit code here. */
export interface Outcome {
  exitCode: number;
}
