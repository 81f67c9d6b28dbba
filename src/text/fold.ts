/*
 * Patterns that take no notice of case, and fast. V8 needs five times as long to compile a pattern with the flags `iu` as one
 * with `u`, because each letter becomes a set of letters: half a second for those that know secrets. So their letters and the
 * text's are brought into one case instead.
 */

/** Text without letters that have a case but those from `a` to `z`. */
const PLAIN = /^[\0-@[-\x7f]*$/;
const ASCII = /^[\0-\x7f]*$/;

/** The text with each letter in one case, as the flags `iu` compare letters. Each stays where it was. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text;
  if (ASCII.test(text)) return text.toLowerCase();
  return text.replace(/[^\0-@[-`{-\x7f]/gu, foldLetter);
}

/** `ſ` is an s and `ς` a sigma; `ß` and `İ`, whose other case is two letters, stay. */
function foldLetter(letter: string): string {
  const folded = letter.toUpperCase().toLowerCase();
  if (folded.length === letter.length) return folded;
  const lower = letter.toLowerCase();
  return lower.length === letter.length ? lower : letter;
}

/** An escape of a pattern's source, or what stands between two of them. */
const ESCAPE_OR_LETTERS = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|[\s\S])|[^\\]+/gu;

const folds = new WeakMap<RegExp, RegExp>();

/** The pattern for folded texts. */
function foldPattern(pattern: RegExp): RegExp {
  const known = folds.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.source.replace(ESCAPE_OR_LETTERS, part =>
    part.startsWith('\\') ? part : fold(part),
  );
  const made = new RegExp(source, pattern.flags.replace('i', ''));
  folds.set(pattern, made);
  return made;
}

/** Whether the pattern, which takes no notice of case, matches the text. */
export function matches(pattern: RegExp, text: string): boolean {
  return foldPattern(pattern).test(fold(text));
}

/**
 * The text with the second of the pattern's two groups replaced, which follows the first and ends each match. `folded` is the
 * text folded.
 */
export function replaceSecond(
  text: string,
  folded: string,
  pattern: RegExp,
  replace: (secret: string) => string,
): string {
  if (!pattern.ignoreCase)
    return text.replace(pattern, (_, kept: string, secret: string) => `${kept}${replace(secret)}`);
  let masked = '';
  let at = 0;
  folded.replace(foldPattern(pattern), (all, kept: string, secret: string, index: number) => {
    const from = index + kept.length;
    masked += text.slice(at, from);
    at = from + secret.length;
    masked += replace(text.slice(from, at));
    return all;
  });
  return at === 0 ? text : masked + text.slice(at);
}
