import { visibleText } from '../../text/clean.ts';

/** What of ours steers a terminal: colours, tabs and line breaks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept
const OURS = /(\u001b\[[0-9;]{0,20}m|[\t\n])/;

/**
 * The last net before a terminal, a file or another program: text as a command writes it, without what is not seen. Text
 * from outside comes here in one line already, since a line break in it would begin a line of ours.
 */
export function terminalText(text: string): string {
  return text
    .split(OURS)
    .map((part, at) => (at % 2 === 1 ? part : visibleText(part)))
    .join('');
}
