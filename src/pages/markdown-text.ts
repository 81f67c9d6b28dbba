/*
 * Text of the cluster in our Markdown. Trackers make links, mentions and references of what is shown, whatever was
 * escaped before: only a code span, or a letter nobody sees, keeps them from it.
 */

/** A code span whose content is plain text only, also inside a table. */
export function code(text: string, atMost = 60): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > atMost ? `${line.slice(0, atMost).toWellFormed()}…` : line;
  return short === ''
    ? ''
    : `\`${short.replaceAll('`', "'").replaceAll('\\', '\\\\').replaceAll('|', '\\|')}\``;
}

/** Characters with a meaning in Markdown or HTML. */
const SPECIAL = /[\\`*[\]<>|~&{}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** Signs before a word that trackers turn into a mention, a ticket or an action. */
const REFERENCE = /(?<![\p{L}\p{N}_])([@#!$%/])(?=[\p{L}\p{N}_])/gu;
/** Parts of text that become a link automatically. */
const ADDRESS = /:(?=\/\/)|(?<=mailto|xmpp):|(?<=www)\./gi;
const WORD_JOINER = '\u2060';

/** Prose: the words stay, but nothing in it becomes a link, a mention or markup. */
export function sentence(text: string, atMost = 400): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > atMost ? `${line.slice(0, atMost).toWellFormed()}…` : line;
  return short
    .replace(SPECIAL, '\\$&')
    .replace(ADDRESS, `$&${WORD_JOINER}`)
    .replace(REFERENCE, `$1${WORD_JOINER}`);
}
