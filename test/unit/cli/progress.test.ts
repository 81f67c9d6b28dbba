import { describe, expect, test, vi } from 'vitest';
import { widthOf } from '../../../src/cli/render/cells.ts';
import { liveLine } from '../../../src/cli/render/live.ts';
import { barText, progressBar } from '../../../src/cli/render/progress.ts';

test('a bar fits any terminal, never shows more than there is, and needs no total above zero', () => {
  expect(barText({ done: 5, total: 10 }, 200)).toBe(
    `Reading the cluster ${'━'.repeat(20)}${'─'.repeat(20)} 5 of 10`,
  );
  expect(barText({ done: 12, total: 10 }, 200)).toContain(`${'━'.repeat(40)} 12 of 10`);
  expect(barText({ done: 0, total: 0 }, 200)).toContain('0 of 0');
  for (let width = 1; width < 120; width++)
    expect(widthOf(barText({ done: 123, total: 4567 }, width))).toBeLessThanOrEqual(width);
});

test('work that is over at once shows no bar', () => {
  const live = { show: vi.fn(), clear: vi.fn(), width: () => 80 };
  const bar = progressBar({ live });
  bar.show({ done: 1, total: 3 });
  expect(live.show).not.toHaveBeenCalled();
});

describe('the last line of a terminal', () => {
  const stream = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, columns: 80, written, write: (text: string) => written.push(text) };
  };

  test('is drawn over itself and leaves nothing behind', () => {
    const tty = stream(true);
    const line = liveLine(tty, {})!;
    line.clear();
    line.show('one');
    line.show('one');
    line.show('two');
    line.clear();
    line.clear();
    expect(tty.written).toEqual(['\r\u001b[Kone', '\r\u001b[Ktwo', '\r\u001b[K']);
    expect(line.width()).toBe(79);
  });

  test('is not there where nobody watches, or cannot be taken back', () => {
    expect(liveLine(stream(false), {})).toBeNull();
    expect(liveLine(stream(true), { TERM: 'dumb' })).toBeNull();
  });
});
