import { SECRET_NAME } from './secret-words.ts';

/*
 * A secret behind the word that names it. Group one stays, group two goes.
 */

/** Markup, quotes and blanks that may stand between a name, its sign and its value; a line may break once. */
const FILLER =
  '(?:<[^<>\\n]{0,80}>|&nbsp;|[*_\\\\]|[ \\t]){0,12}(?:\\r?\\n(?![\\p{L} _-]{1,30}[:=])(?:<[^<>\\n]{0,80}>|&nbsp;|[*_\\\\>-]|[ \\t]){0,12})?';
/** `password (root):`, `password for root on pve1:`. */
const ASIDE =
  '(?:[ \\t]{0,2}\\([^()\\n]{0,60}\\)|[ \\t]{1,2}(?:for|of|on|at|to|in|from|für|fuer|von|vom|des|der|auf|de|du|del|pour|para|per|voor|van)[ \\t][^\\n:=;,]{0,60}?)?';
const CLOSING = '["\'`*_\\\\\\]]{0,4}(?:</[a-z]{1,10}>){0,3}';
const SIGN =
  '(?:\\.?:|:=|={1,2}>?|[-=]>|→|:|：|＝|%3[ad](?:%20)?|\\|(?![^\\n]{0,400}\\r?\\n[ \\t|:+-]{3,200}(?:[\\r\\n]|$)))';
const CELL = '(?:</t[dh]>\\s{0,20}<t[dh][^<>]{0,80}>|</dt>\\s{0,20}<dd[^<>]{0,80}>)';

/** A value in quotes, to the end of its line where they are not closed. */
const QUOTED = [
  '\\\\"(?:(?!\\\\").){1,2000}(?:\\\\")?',
  '"(?:\\\\.|[^"\\\\\\n]){1,2000}"?',
  "'(?:\\\\.|[^'\\\\\\n]){1,2000}'?",
  '`[^`\\n]{1,2000}`?',
  '[«‹“„”‘‚’「『][^»›“”‘’」』\\n]{1,2000}[»›“”‘’」』]?',
].join('|');
/** A value without: to the next blank, tag, closing quote, or separator with another name behind it. */
const BARE =
  '(?:(?![,;&](?:\\s|$|[\\w.-]{1,40}[=:])|["\'`](?:[\\s,;)}\\]]|$)|</?[a-z])[^\\s\\p{Cc}]){1,2000}';
/** Says whether there is one, or is a public key: no secret. */
const NO_VALUE =
  '(?!(?:yes|no|true|false|on|off|none|null|nil|undefined|enabled|disabled|0|1|n/a|required|optional|prohibit-password)(?=[\\s,;.&)"\'`}\\]|<]|$)|(?:basic|bearer|digest|negotiate)[ \\t]|(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2|sk-ssh-|AAAA[BCE]3Nza))';

/** After `is`, most words are no password: `the password is stored in the vault`. */
const NO_SECRET_IS =
  '(?!(?:not?|now|in|on|at|a|an|the|to|with|by|via|per|from|of|for|only|also|still|just|being|been|available|known|unknown|valid|invalid|expired|expiring|required|needed|necessary|optional|set|unset|empty|missing|wrong|correct|incorrect|stored|kept|saved|held|managed|changed|rotated|reset|generated|created|used|unused|written|handled|encrypted|hashed|hidden|masked|safe|secure|weak|strong|same|default|identical|different|enabled|disabled|stale|old|new|true|false|null|none|bei|im|in|nicht|noch|nur|geheim|bekannt|abgelaufen|dans|le|la|un|une|en|el|está|requise?|obligatorio|this|that|these|it|what|where|how|when|too|very|so|here|there|above|below|asked|sent|shared|shown|printed|logged|read|checked|verified|accepted|rejected|refused)(?![\\p{L}\\p{N}]))';

const VALUE = `${NO_VALUE}(${QUOTED}|${BARE})`;

/** Behind these, more than one word is meant. */
const WHOLE_LINES =
  '(?:pass[ _-]?phrase|seed[ _-]phrase|mnemonic|credentials?|creds|zugangsdaten|recovery[ _-]codes?|backup[ _-]codes?|passwords|passw[öo]rte[rn]?|kennw[öo]rter|contraseñas|senhas|wachtwoorden|(?:set-)?cookie|mot de passe phrase)';

/** Behind a name, each with the group that stays and the group that goes. */
export const NAMED_FORMS: readonly RegExp[] = [
  new RegExp(`(${SECRET_NAME}${ASIDE}${CLOSING}[ \\t]{0,6}(?:${SIGN}|${CELL})${FILLER})${VALUE}`, 'giu'),
  new RegExp(
    `(${SECRET_NAME}${ASIDE}${CLOSING}[ \\t]{1,4}(?:is|ist|lautet|heißt|heisst|was|est|es|é|è|er|är|on)[ \\t]*:?[ \\t]{1,4})${NO_SECRET_IS}${VALUE}`,
    'giu',
  ),
  // `--password x`, `PASSWORD 'x'`.
  new RegExp(`((?<![\\p{L}\\p{N}])--?[\\w-]{0,40}?${SECRET_NAME}[ \\t]{1,4})(?!-)${VALUE}`, 'giu'),
  new RegExp(`((?<!unexpected )${SECRET_NAME}[ \\t]{1,4})(?=["'\`«“„])(${QUOTED})`, 'giu'),
];

/** The others. */
export const PHRASE_FORMS: readonly RegExp[] = [
  /((?<![\p{L}\p{N}])(?:proxy-)?authorization["'`*\\]{0,3}[ \t]{0,4}[:=][ \t]{0,4}["'`\\]{0,2}(?:(?:basic|bearer|digest|token|negotiate|apikey)[ \t]{1,4})?)(?!\(secret|(?:basic|bearer|digest|token|negotiate|apikey)[ \t])([^\s"'`,;]{3,})/giu,
  new RegExp(
    `((?<![\\p{L}\\p{N}])${WHOLE_LINES}${ASIDE}${CLOSING}[ \\t]{0,6}${SIGN}${FILLER})(?=\\S)(?!\\(secret)${NO_VALUE}(${QUOTED}|[^\\n<]{1,2000})`,
    'giu',
  ),
  /(\bbearer\s{1,4})(?=[\w.~+/-]{0,60}[\d=_])([\w.~+/=-]{8,})/gi,
  /(\b[Bb]asic\s{1,4})(?=\S{0,200}(?:\d|=|[a-z][A-Z]))([A-Za-z0-9+/]{8,}={0,2})(?![\w-])/g,
  /((?<![\p{L}\p{N}])pin["'`*]{0,2}(?:[ \t]{0,3}[:=]|[ \t]is)[ \t]{0,3}["'`*]{0,2})(\d{4,12})(?!\d)/giu,
];
