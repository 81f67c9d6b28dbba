import type { Answer, Tool } from '../support/answer.ts';
import type { Stage } from './stage.ts';

type Call = readonly [tool: Tool, args: { [argument: string]: unknown }];
/** What a question's calls answer, in their order. */
type AnswersOf<Calls extends readonly Call[]> = { [At in keyof Calls]: Answer<Calls[At][0]> };

/** Something people ask, with the calls that answer it. */
export interface Question<Calls extends readonly Call[] = readonly Call[]> {
  /** In their words. */
  ask: string;
  /** One call, at most two; each with its arguments. */
  calls: Calls;
  /** What the answer tells, for whoever reads the page. */
  tells: string;
  /** Compares the answers with the truth. @throws where a fact is missing, or a false one is there. */
  check(answers: AnswersOf<Calls>, stage: Stage): void;
}

/** A question whose check reads its answers by the names that its calls answer with. */
export function question<const Calls extends readonly Call[]>(asked: Question<Calls>): Question {
  return asked;
}

/** Questions about one thing, under a heading of the page. */
export interface Family {
  title: string;
  questions: readonly Question[];
}
