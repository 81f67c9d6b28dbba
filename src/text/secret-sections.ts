import { matches } from './fold.ts';
import { MADE_UP } from './secret-bare.ts';
import { SECRET_NAME } from './secret-words.ts';

/*
 * Lists under a heading for secrets or logins: `## Credentials`, and a line for each. A value at the end of such a line is
 * masked if it looks made up.
 */

const SECRETS = `${SECRET_NAME}s?|(?<![\\p{L}\\p{N}])(?:(?:api[ -])?(?:tokens|keys)|chpasswd|htpasswd)`;
const LOGINS =
  '(?<![\\p{L}\\p{N}])(?:log[ -]?ins?|accounts?|users?|zug[aä]nge?|konten|benutzer|identifiants?|comptes|accesos?|usuarios|utenti)';

function heading(names: string): RegExp {
  return new RegExp(
    `^[ \\t]{0,8}(?:#{1,6}[ \\t]{1,4}|\\*{2}|=+[ \\t]{1,4})?(?:[\\p{L}\\p{N}.()-]{1,20}[ _-]){0,3}(?:${names})(?:[ ]\\([^()\\n]{0,40}\\))?(?:\\*{2}|[ \\t]=+)?[ \\t]{0,3}(?::[ \\t]{0,3}[|>]?[+-]?(?:\\*{2})?)?[ \\t\\r]{0,8}$`,
    'iu',
  );
}

const OF_SECRETS = heading(SECRETS);
const OF_LOGINS = heading(LOGINS);
/** The data of a Kubernetes secret: every value below is secret. */
const OF_VALUES = /^[ \t]{0,20}(?:stringData|data):[ \t\r]{0,8}$/;
const KUBERNETES = /\bkind:[ \t]{0,4}["']?Secret\b|\bstringData:/;
const VALUE = /^([ \t]{1,20}["']?[\w./-]{1,100}["']?:[ \t]{1,8})(\S[^\n]{0,2000})$/;

/** Looks like a heading, or introduces what follows. */
const MARKED = /^[ \t]{0,8}(?:#|\*\*|=)|:[ \t*|>+-]{0,8}\r?$/;
/** A heading without a mark, and below it the first of several secrets, which was found already. */
const SEVERAL = /(?:codes|words|keys|tokens|wörter)[ \t\r]{0,8}$/i;
const ALONE = /^[ \t]{0,20}(?:[-*+•][ \t]{1,4})?\(secret[^()\n]{0,12}\)[ \t\r]{0,8}$/;
const CODES = /(?:recovery|backup|2fa|wiederherstellungs|secours|recuperaci[oó]n)[ _-]?codes?[ \t\r]{0,8}$/i;
const CODE =
  /^[ \t]{0,20}(?:[-*+•][ \t]{1,4}|\d{1,2}[.)][ \t]{1,4})(?=[\w-]{0,60}\d)[\w-]{6,60}[ \t\r]{0,8}$/;
const LONGEST = 300;
/** The last word of a line, after a list marker, a name or both. */
const LAST = new RegExp(
  `^([ \\t]{0,20}(?:[-*+•–][ \\t]{1,4}|\\d{1,3}[.)][ \\t]{1,4})?(?:[^\\n]{0,${LONGEST}}[\\s:=/|,;→>]["'\`*_]{0,3})?)${MADE_UP}(["'\`*_]{0,3}[ \\t\\r]{0,8})$`,
  'iu',
);
/** Lists of logins also contain names with digits; a password mixes upper and lower case or has a sign. */
const MIXED = /^(?=.*\d)(?:(?=.*[a-z])(?=.*[A-Z])|(?=.*[!$%&^#@?*+]))/;

/** Masks the values in such lists. Linear in the text's length. */
export function maskSections(text: string, replace: (secret: string) => string): string {
  if (!text.includes('\n')) return text;
  const headings = KUBERNETES.test(text) ? [OF_VALUES, OF_SECRETS, OF_LOGINS] : [OF_SECRETS, OF_LOGINS];
  let section: RegExp | null = null;
  let begun = false;
  return text
    .split('\n')
    .map((line, at, lines) => {
      const found = headingOf(line, headings, lines[at + 1]);
      if (found !== null) {
        section = found;
        begun = false;
      } else if (line.trim() !== '') begun = true;
      else if (begun) section = null;
      if (found !== null || section === null || line.length > LONGEST) return line;
      if (section === OF_VALUES)
        return line.replace(VALUE, (_, name: string, value: string) => `${name}${replace(value)}`);
      return line.replace(LAST, (all, before: string, secret: string, after: string) =>
        section === OF_LOGINS && !MIXED.test(secret) ? all : `${before}${replace(secret)}${after}`,
      );
    })
    .join('\n');
}

function headingOf(line: string, headings: readonly RegExp[], next = ''): RegExp | null {
  if (line.length > LONGEST) return null;
  if (
    !MARKED.test(line) &&
    !(SEVERAL.test(line) && (ALONE.test(next) || (CODES.test(line) && CODE.test(next))))
  )
    return null;
  return headings.find(one => matches(one, line)) ?? null;
}
