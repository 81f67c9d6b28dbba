import type { Reading } from './disguise.ts';

/** What takes a secret's place. */
export type Replace = (secret: string) => string;

/** Stands for a secret while a reading is masked. It looks like a seal, so that no form looks into it. */
const MARK = /\(secret~([0-9a-f]{4})\)/;
const EVERY_MARK = new RegExp(MARK, 'g');
/** So many marks there are. */
const MARKS = 0x10000;

/** What a mark stands for: how much of the reading, and whether it was a seal already. */
interface Marked {
  length: number;
  sealed: boolean;
}

/**
 * The text without what `mask` takes for a secret in a reading of it; all else, and every seal, stays as it is. Where
 * that is more than there are marks for, the whole text is one secret.
 */
export function carryBack(
  text: string,
  reading: Reading,
  mask: (reading: string, replace: Replace) => string,
  replace: Replace,
): string {
  const marks: Marked[] = [];
  const mark = (one: Marked) => `(secret~${((marks.push(one) - 1) % MARKS).toString(16).padStart(4, '0')})`;
  const marked = reading.text.replace(EVERY_MARK, seal => mark({ length: seal.length, sealed: true }));
  const seals = marks.length;
  const masked = mask(marked, secret => mark({ length: lengthOf(secret, marks), sealed: false }));
  if (marks.length === seals) return text;
  if (marks.length > MARKS) return replace(text);

  let at = 0;
  return partsOf(masked, marks)
    .map(({ length, sealed }) => {
      const original = text.slice(reading.from[at], reading.from[at + length]);
      at += length;
      return sealed ? original : replace(original);
    })
    .join('');
}

/** What stands between marks is kept as seals are. Every second part of a split is the number of a mark. */
function partsOf(masked: string, marks: readonly Marked[]): Marked[] {
  return masked
    .split(MARK)
    .map((part, n) =>
      n % 2 === 0 ? { length: part.length, sealed: true } : (marks[Number.parseInt(part, 16)] as Marked),
    );
}

function lengthOf(secret: string, marks: readonly Marked[]): number {
  return partsOf(secret, marks).reduce((sum, { length }) => sum + length, 0);
}
