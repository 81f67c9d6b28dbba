import { expect, test } from 'vitest';
import { fold, matches, replaceSecond } from '../../../src/text/fold.ts';
import { NAMED_AFTER_FORMS } from '../../../src/text/secret-after.ts';
import { BARE_FORMS, NAMED_BARE_FORMS } from '../../../src/text/secret-bare.ts';
import { QUOTED_COMMAND_FORMS } from '../../../src/text/secret-commands.ts';
import { FILE_FORMS } from '../../../src/text/secret-files.ts';
import { SECRET_FORMS } from '../../../src/text/secret-forms.ts';
import { NAMED_FORMS, PHRASE_FORMS } from '../../../src/text/secret-phrases.ts';
import { URL_FORMS } from '../../../src/text/secret-urls.ts';
import { KINDS } from '../../support/secret-kinds.ts';
import { SECRET_NOTES } from '../../support/secret-notes.ts';
import { times } from '../../support/soak.ts';

// Kills: a letter that moves what stands behind it, and one that no longer is what the flags `iu` take it for.
test('every letter keeps its length, and is another form of the one it becomes', () => {
  const wrong: string[] = [];
  for (let point = 0x80; point <= 0x1ffff; point++) {
    const letter = String.fromCodePoint(point);
    const folded = fold(letter);
    if (folded.length !== letter.length) wrong.push(letter);
    if (folded !== letter && !new RegExp(`^${folded}$`, 'iu').test(letter)) wrong.push(letter);
  }
  // A Turkish `ı` is read as an i elsewhere, too (disguise.ts).
  expect(wrong).toEqual(['ı']);
});

test('both sides of a comparison are folded, escapes are not', () => {
  expect(matches(/^Straße \S\D\p{L}\x41\u0042$/iu, 'STRAẞE Xyz\u0061B')).toBe(false);
  expect(matches(/^Straße \S\D\p{L}$/iu, 'STRAẞE XYZ')).toBe(true);
  expect(matches(/^[A-F]{2}\W?κωδικός$/iu, 'aB ΚΩΔΙΚΌΣ')).toBe(true);
});

test('what is replaced is what the same pattern replaces that takes no notice of case', () => {
  const forms = [
    ...[NAMED_AFTER_FORMS, NAMED_FORMS, NAMED_BARE_FORMS, PHRASE_FORMS, BARE_FORMS, URL_FORMS].flat(),
    ...[QUOTED_COMMAND_FORMS, FILE_FORMS, SECRET_FORMS].flat(),
  ].filter((_, n) => n % times(4, 1) === 0);
  const notes = [...KINDS.map(([, text]) => text), ...SECRET_NOTES];
  const text = notes.map((note, n) => (n % 3 === 0 ? note.toUpperCase() : note)).join('\n\n');
  const folded = fold(text);
  for (const form of forms) {
    const found: string[] = [];
    const replaced = replaceSecond(text, folded, form, secret => `<${found.push(secret)}>`);
    let n = 0;
    expect(replaced).toBe(text.replace(form, (_, kept: string) => `${kept}<${++n}>`));
    for (const secret of found) expect(text).toContain(secret);
  }
});
