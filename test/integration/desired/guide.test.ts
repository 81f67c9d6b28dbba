import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withSessions } from '../../../scripts/desired-doc.ts';

it('the conversations of docs/desired-state.md are what the program prints (npm run docs)', async () => {
  const guide = readFileSync(new URL('../../../docs/desired-state.md', import.meta.url), 'utf8');
  expect(guide).toBe(await withSessions(guide));
});
