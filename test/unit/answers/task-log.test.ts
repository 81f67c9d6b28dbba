import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { logParts } from '../../../src/answers/tasks/log.ts';
import { KINDS } from '../../support/secret-kinds.ts';

const logOf = (texts: string[]) => ({
  total: texts.length,
  lines: texts.map((text, at) => ({ number: at + 1, text })),
});
const quiet = (count: number) => Array.from({ length: count }, (_, at) => `INFO: progress ${at}`);

test('an error in the middle of a long log is shown with its line', () => {
  const lines = [...quiet(40), 'ERROR: Backup of VM 101 failed - no such volume', ...quiet(300)];
  const { log, trouble, leftOut } = logParts(logOf(lines), 20);
  expect(log).toEqual(lines.slice(-20));
  expect(trouble).toEqual([{ line: 41, text: 'ERROR: Backup of VM 101 failed - no such volume' }]);
  expect(leftOut).toBe(320);
});

test.each([
  'ERROR: x',
  'WARN: x',
  'WARNINGS: 2',
  'mount failed',
  'error: x',
  'command failed: exit code 1',
  'qemu: warning: x',
  'Unable to x',
])('%s is trouble', line => expect(logParts(logOf([line, ...quiet(30)]), 5).trouble).toHaveLength(1));

test.each([
  'finished without errors',
  '0 errors found',
  'no warnings',
  'terror.service started',
])('%s is no trouble', line => expect(logParts(logOf([line, ...quiet(30)]), 5).trouble).toEqual([]));

test('every line is shown once or counted, whatever the log', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.constantFrom('WARN: a', 'INFO: b', 'ERROR: c', ''), fc.string({ maxLength: 700 })),
        { maxLength: 200 },
      ),
      fc.integer({ min: 1, max: 60 }),
      (texts, count) => {
        const { log, trouble, leftOut } = logParts(logOf(texts), count);
        expect(log.length + trouble.length + leftOut).toBe(texts.length);
        expect(log.length).toBeLessThanOrEqual(count);
        expect(Buffer.byteLength(JSON.stringify({ log, trouble }))).toBeLessThan(15_000);
      },
    ),
  );
});

// Kills: lines looked at one by one, among which those of a key are words like others.
test.each(KINDS)('a secret in a log, on its lines or over them, is not shown: %s', (_, text, secrets) => {
  const lines = [...quiet(3), ...text.split('\n'), 'ERROR: it failed', ...quiet(3)];
  for (const count of [lines.length, 2]) {
    const parts = logParts(logOf(lines), count);
    expect(parts.log.length + parts.trouble.length + parts.leftOut).toBe(lines.length);
    for (const secret of [secrets].flat()) expect(JSON.stringify(parts)).not.toContain(secret);
  }
});

// Kills: a log that is cleaned from its first line to its last, which took seconds for a megabyte.
test('only those lines of a log that may be shown are cleaned', () => {
  let read = 0;
  const lines = Array.from({ length: 20_000 }, (_, at) => ({
    number: at + 1,
    get text() {
      read += 1;
      return 'INFO: progress';
    },
  }));
  logParts({ total: lines.length, lines }, 20);
  // Once each for trouble, and a few for what is shown.
  expect(read).toBeLessThan(lines.length + 500);
});

test('where only the end was read, the rest counts as left out', () => {
  expect(
    logParts(
      {
        total: 90_000,
        lines: [
          { number: 89_999, text: 'a' },
          { number: 90_000, text: 'TASK OK' },
        ],
      },
      1,
    ).leftOut,
  ).toBe(89_999);
});
