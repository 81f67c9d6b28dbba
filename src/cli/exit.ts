/** Exit codes: success, a failed call or program, a wrong command line, a refusal. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** The exit code of a wrong command line: not 2 for `drift`, which uses 2 only for differences. */
export function refusalCode(command: string | undefined): number {
  return command === 'drift' ? EXIT.failed : EXIT.usage;
}

/** Commands that have already reported a failure set their exit code here. */
export interface Outcome {
  exitCode: number;
}
