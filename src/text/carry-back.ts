import type { Reading } from './disguise.ts';

/** Returns what to put in a secret's place. */
export type Replace = (secret: string) => string;

/** Stands for a secret while a reading is masked. It has the form of a seal, so that no pattern matches inside it. */
const MARK = /\(secret~([0-9a-f]{4})\)/;
const EVERY_MARK = new RegExp(MARK, 'g');
/** Number of different marks. */
const MARKS = 0x10000;

/** What a mark stands for: its length in the reading, and whether it was a seal already. */
interface Marked {
  length: number;
  sealed: boolean;
}

/**
 * Masks in the original text whatever `mask` finds in a decoded reading of it; everything else, including seals, is left as it
 * is. If there are more secrets than marks, the whole text counts as one secret.
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

/** Splits at the marks; the text between them is kept, as seals are. Every second part of the split is a mark's number. */
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
