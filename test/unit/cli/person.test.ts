import { expect, test } from 'vitest';
import { personAt } from '../../../src/cli/person.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

/** A terminal at which this is typed; null: nothing, until the minute is over. */
function terminal(typed: string | null, seen = true) {
  const asked: { question: string; ms: number }[] = [];
  const never = async () => {
    throw new Error('nobody asks so');
  };
  const one: Terminal = {
    ...{ ask: never, askSecret: never, seen },
    askWithin: async (question, ms) => {
      asked.push({ question, ms });
      return typed;
    },
  };
  return { one, asked };
}

const QUESTION = { plan: 'p-7f3k9', text: 'Plan p-7f3k9: every step.' };

test.each([
  ['p-7f3k9', 'yes'],
  ['P-7F3K9', 'yes'],
  ['', 'no'],
  ['y', 'no'],
  ['yes', 'no'],
  ['p-7f3k', 'no'],
  ['p-7f3k9 p-7f3k9', 'no'],
  [null, 'silence'],
])('a person who types %j has said %s, below the plan that is asked about', async (typed, means) => {
  const { one, asked } = terminal(typed);
  const said: string[] = [];
  const person = personAt(one, { note: text => void said.push(text) })!;
  expect(await person.ask(QUESTION)).toBe(means);
  expect(said.join('')).toContain(QUESTION.text);
  expect(asked).toMatchObject([{ ms: 60_000, question: expect.stringContaining('p-7f3k9') }]);
});

test('nobody can be asked without a terminal, or where the question would not show at it', () => {
  const note = () => {};
  expect(personAt(null, { note })).toBeUndefined();
  expect(personAt(terminal('p-7f3k9', false).one, { note })).toBeUndefined();
});
