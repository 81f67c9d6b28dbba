import { visibleText } from '../../text/clean.ts';

/** The control characters of our own: colours, tabs and line breaks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept
const OURS = /(\u001b\[[0-9;]{0,20}m|[\t\n])/;

/**
 * The last filter before a terminal, a file or another program: text as a command writes it, without invisible characters. Text
 * from outside already arrives here as one line, since a line break could imitate a line of ours.
 */
export function terminalText(text: string): string {
  return text
    .split(OURS)
    .map((part, at) => (at % 2 === 1 ? part : visibleText(part)))
    .join('');
}
