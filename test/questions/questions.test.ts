import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { strangeIn } from '../support/answer.ts';
import { FAMILIES } from './bank/index.ts';
import { type Stage, startStage } from './stage.ts';

/** No answer of a question is larger, so that a model reads all of it (bytes). */
const BYTES_AT_MOST = 20_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 180_000);
afterAll(() => stage.lab.close());

test('each question is asked once, and answered by one or two calls', () => {
  const questions = FAMILIES.flatMap(family => family.questions);
  expect(new Set(questions.map(one => one.ask)).size).toBe(questions.length);
  for (const { ask, calls } of questions) expect(calls.length, ask).toBeLessThanOrEqual(2);
});

describe.each(FAMILIES)('$title', ({ questions }) => {
  test.each(questions)('$ask', async ({ calls, check }) => {
    const answers = [];
    for (const [tool, args] of calls) {
      const answer = await stage.lab.call(tool, args);
      const asked = [args['show'] ?? [], args['group'] ?? []].flat() as string[];
      expect(strangeIn(tool, answer, asked), 'what test/support/answer.ts does not know').toEqual([]);
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(BYTES_AT_MOST);
      answers.push(answer);
    }
    check(answers, stage);
  });
});
