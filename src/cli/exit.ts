/** Exit codes: all is well, a call or the program failed, it was asked wrongly, or it was refused. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** What a command line exits with that asks wrongly: `drift` says with 2 that something differs, and nothing else. */
export function refusalCode(argv: readonly string[]): number {
  return argv.includes('drift') ? EXIT.failed : EXIT.usage;
}

/** Commands that have said what failed set their exit code here. */
export interface Outcome {
  exitCode: number;
}
