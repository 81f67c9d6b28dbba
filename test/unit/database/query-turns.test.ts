import { expect, test } from 'vitest';
import { QueryTurns } from '../../../src/database/query/turns.ts';

// Kills: a turn that is free for a moment, which a newcomer takes besides the query that waited for it.
test('two queries run at once, in the order they came, whenever others come', async () => {
  const turns = new QueryTurns();
  const begun: string[] = [];
  let running = 0;
  let most = 0;
  const ask = (name: string) =>
    turns.run(5_000, async () => {
      begun.push(name);
      most = Math.max(most, ++running);
      await new Promise(resolve => setImmediate(resolve));
      running--;
    });
  const first = ask('a');
  const late = first.then(() => ask('e'));
  await Promise.all([first, ask('b'), ask('c'), ask('d'), late]);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(most).toBe(2);
});

test('a query that has no turn in time is refused, and those after it still get theirs', async () => {
  const turns = new QueryTurns();
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = [turns.run(5_000, () => promise), turns.run(5_000, () => promise)];
  const patient = turns.run(5_000, async msLeft => msLeft);
  await expect(turns.run(1, async () => 'too late')).rejects.toThrow('no turn in time');
  resolve();
  await Promise.all(held);
  expect(await patient).toBeGreaterThan(0);
  expect(await turns.run(1_000, async () => 'free')).toBe('free');
});
