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

/** For answers, on stdout. */
export const bold = onOut('bold');
export const dim = onOut('dim');
export const good = onOut('green');
export const bad = onOut('red');
export const doubtful = onOut('yellow');

/** For what is said about them, on stderr. */
export const emphasis = onNote('bold');
export const aside = onNote('dim');
export const warning = onNote('yellow');
