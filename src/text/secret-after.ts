import { MADE_UP } from './secret-bare.ts';
import { SECRET_NAME } from './secret-words.ts';

/*
 * Secrets before the word that names them, and settings whose name and value are apart. In each pattern group one stays
 * and group two is replaced; the rest of the form is matched by lookahead.
 */

const START = '(?<![^\\s"\'`(*_])';
const CLOSING = '["\'`*_)]{0,3}';
/** `the`, `your root`, `das`. */
const OF_WHOM = '(?:[\\p{L}-]{1,12}[ \\t]){0,3}';
/** The words for a name and for a value in a list of settings. */
const NAME =
  '["\']?(?:name|key|id|variable|var|setting|option|field|parameter)["\']?[ \\t]{0,4}[:=][ \\t]{0,4}';
const VALUE = '["\']?(?:value|val|default)["\']?[ \\t]{0,4}[:=][ \\t]{0,4}';
const GAP = '[\\s,;{}]{1,40}';
const WORD = '("(?:\\\\.|[^"\\\\\\n]){1,2000}"?|\'[^\'\\n]{1,2000}\'?|[^\\s,;"\'{}]{1,2000})';
const NAMED = `["']?[\\w.:/-]{0,60}?${SECRET_NAME}["']?`;

/** Used only if the text names a secret. */
export const NAMED_AFTER_FORMS: readonly RegExp[] = [
  // `hunter2 is the password`, `hunter2 (root password)`.
  new RegExp(
    `(${START})${MADE_UP}(?=${CLOSING}[ \\t]{1,3}(?:is|was|ist|war|est|es|è|é|=)[ \\t]{1,3}${OF_WHOM}${SECRET_NAME})`,
    'giu',
  ),
  new RegExp(
    `(${START})${MADE_UP}(?=${CLOSING}[ \\t]{1,3}(?!\\(secret[~)])[([]${OF_WHOM}${SECRET_NAME}[)\\]])`,
    'giu',
  ),
  // `{"name":"DB_PASSWORD","value":"x"}` and the other way round, in JSON, YAML and HCL.
  new RegExp(
    `(${NAME}${NAMED}${GAP}(?:["']?(?:type|sensitive|secure|description)["']?[ \\t]{0,4}[:=][^\\n]{1,80}?${GAP}){0,3}${VALUE})(?!\\(secret)${WORD}`,
    'giu',
  ),
  new RegExp(`(\\{[ \\t]{0,4}${VALUE})(?!\\(secret)${WORD}(?=${GAP}${NAME}${NAMED})`, 'giu'),
  new RegExp(
    `(\\bvariable[ \\t]{1,4}${NAMED}[ \\t]{0,4}\\{\\s{1,40}(?:(?:type|sensitive|description)[ \\t]{0,9}=[^\\n]{1,80}\\s{1,40}){0,3}default[ \\t]{0,9}=[ \\t]{0,4})(?!\\(secret)${WORD}`,
    'giu',
  ),
  // `<Password><Value>x</Value>`.
  new RegExp(
    `(<[\\w:]{0,40}?${SECRET_NAME}>\\s{0,40}<(?:\\w{1,20}:)?(?:value|text|string|data|plain\\w{0,8})(?:\\s[^<>]{0,80})?>)(?!\\(secret)([^<]{1,2000})`,
    'giu',
  ),
];

/** Without any of these, none of `AS_FORMS` is in a text. */
export const AS = /<[-=]|[←⇐]|\s(?:as|als|comme|como|come|för|som)\s/iu;

/** Used only if the text names a secret: `hunter2 <- pw`, `use hunter2 as password`. */
export const AS_FORMS: readonly RegExp[] = [
  new RegExp(
    `(${START})${MADE_UP}(?=${CLOSING}[ \\t]{0,3}(?:<-{1,2}|<=|←|⇐)[ \\t]{0,3}${OF_WHOM}${SECRET_NAME})`,
    'giu',
  ),
  new RegExp(
    `(${START})${MADE_UP}(?=${CLOSING}[ \\t]{1,3}(?:as|als|comme|como|come|för|som)[ \\t]{1,3}${OF_WHOM}${SECRET_NAME})`,
    'giu',
  ),
];
