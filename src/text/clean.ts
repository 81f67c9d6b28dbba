/**
 * Terminal escape sequences are removed whole, not just their first byte. Built from strings since it names control characters.
 */
const ESCAPE_SEQUENCE = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]{0,20}[ -/]{0,5}[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c]{0,500}(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '\\u001b[ -/]{0,3}[0-~]',
  ].join('|'),
  'g',
);

/**
 * Invisible characters: those that Unicode calls default ignorable (zero-width, bidirectional controls, fillers, variation
 * selectors, tags), format characters, and the blank Braille pattern.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]+/gu;
/** Characters that end a line or control a device. A run of them becomes one blank, or one line break if it contains one. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;

/** Characters that look like a blank, and could hide the end of a word from a search. */
const BLANK = /\p{Zs}/gu;

/** Printable ASCII, as most text is: nothing to clean. */
const PLAIN = /^[ -~]*$/;

/**
 * The text as its reader sees it: without terminal sequences, control, bidirectional and invisible characters, and lone
 * surrogates. Line breaks stay, as `\n`; any other control character and every kind of blank becomes a blank. Linear in the
 * text's length.
 */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .replace(ESCAPE_SEQUENCE, ' ')
    .replace(INVISIBLE, '')
    .replace(BLANK, ' ')
    .replace(CONTROL, run => (BREAK.test(run) ? '\n' : ' '));
}

/** The same on a single line: for terminals, logs, names, and wherever a line break would start something new. */
export function oneLine(text: string): string {
  return PLAIN.test(text) ? text : visibleText(text).replaceAll('\n', ' ');
}
