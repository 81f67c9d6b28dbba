/** A terminal's escape sequence goes whole, not just its first byte. Written as text since it names control characters. */
const ESCAPE_SEQUENCE = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]{0,20}[ -/]{0,5}[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c]{0,500}(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '\\u001b[ -/]{0,3}[0-~]',
  ].join('|'),
  'g',
);

/**
 * Characters that are not seen: what Unicode calls default ignorable (zero-width, bidirectional controls, fillers,
 * variation selectors, tags) or a format character, and the blank of Braille.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]+/gu;
/** Characters that end a line or steer a device. A run of them is one blank, or one line break where it holds one. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;

/** What looks like a blank, and hides where a word ends from whoever looks for one. */
const BLANK = /\p{Zs}/gu;

/** What most text is: printable ASCII, in which nothing has to be cleaned. */
const PLAIN = /^[ -~]*$/;

/**
 * The text as its reader sees it: no terminal sequences, no control, bidirectional or invisible characters, no lone
 * surrogates. Line breaks stay, as `\n`; any other control character, and every kind of blank, becomes a blank. Linear in the text's length.
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

/** The same in one line: for terminals, logs, names, and wherever a line break would begin something new. */
export function oneLine(text: string): string {
  return PLAIN.test(text) ? text : visibleText(text).replaceAll('\n', ' ');
}
