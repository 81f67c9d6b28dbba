import { styleText } from 'node:util';

/*
 * Colours only where a person looks: `styleText` leaves them out when the stream is no terminal or NO_COLOR is set.
 */

type Style = Parameters<typeof styleText>[0];

function onOut(style: Style) {
  return (text: string) => styleText(style, text, { stream: process.stdout });
}
function onNote(style: Style) {
  return (text: string) => styleText(style, text, { stream: process.stderr });
}

/** On stdout: headings, and what a person has to compare or do. */
export const bold = onOut('bold');
/** On stdout: details that explain the text before them. */
export const dim = onOut('dim');
/** On stdout: what is in order, or was created. */
export const good = onOut('green');
/** On stdout: what failed, or was deleted. */
export const bad = onOut('red');
/** On stdout: what works with reservations, or was changed. */
export const doubtful = onOut('yellow');
/** On stdout: the mark before a finding. */
export const MARKS = { good: good('✓'), doubtful: doubtful('!'), bad: bad('✗') } as const;

/** On stderr: the word that introduces the next step. */
export const emphasis = onNote('bold');
/** On stderr: what an answer is based on. */
export const aside = onNote('dim');
/** On stderr: why an answer should be taken with care. */
export const warning = onNote('yellow');
