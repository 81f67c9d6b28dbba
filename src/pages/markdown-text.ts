/*
 * Text of the cluster in our Markdown. Trackers make links, mentions and references of what is shown, whatever was
 * escaped before: only a code span, or a letter nobody sees, keeps them from it.
 */

/** A code span: nothing in it is more than text, in a table as well. */
export function code(text: string, atMost = 60): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > atMost ? `${line.slice(0, atMost).toWellFormed()}…` : line;
  return short === ''
    ? ''
    : `\`${short.replaceAll('`', "'").replaceAll('\\', '\\\\').replaceAll('|', '\\|')}\``;
}

/** What Markdown and HTML make something of. */
const SPECIAL = /[\\`*[\]<>|~&{}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** What trackers turn into a person, a ticket or an action: a sign before a word. */
const REFERENCE = /(?<![\p{L}\p{N}_])([@#!$%/])(?=[\p{L}\p{N}_])/gu;
/** What becomes a link by itself. */
const ADDRESS = /:(?=\/\/)|(?<=mailto|xmpp):|(?<=www)\./gi;
const WORD_JOINER = '\u2060';

/** A sentence: its words stay, and nothing in it becomes a link, a mention or markup. */
export function sentence(text: string, atMost = 400): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > atMost ? `${line.slice(0, atMost).toWellFormed()}…` : line;
  return short
    .replace(SPECIAL, '\\$&')
    .replace(ADDRESS, `$&${WORD_JOINER}`)
    .replace(REFERENCE, `$1${WORD_JOINER}`);
}
