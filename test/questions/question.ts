import type { Stage } from './stage.ts';

/** Something people ask, with the calls that answer it. */
export interface Question {
  /** In their words. */
  ask: string;
  /** One call, at most two; each with its arguments. */
  calls: readonly [tool: string, args: { [argument: string]: unknown }][];
  /** What the answer tells, for whoever reads the page. */
  tells: string;
  /** Compares the answers with the truth. @throws where a fact is missing, or a false one is there. */
  check: (answers: any[], stage: Stage) => void;
}

/** Questions about one thing, under a heading of the page. */
export interface Family {
  title: string;
  questions: readonly Question[];
}
