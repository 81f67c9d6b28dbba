/** Free text from the cluster is cut to this length in answers (characters). */
const TEXT_AT_MOST = 300;
/** So much more of a text is looked at, since tags and blanks go: a note may be megabytes. */
const LOOK_AHEAD = 8_000;

/** Stands where a secret was. */
export const SECRET = '(secret)';

/** Config keys whose values never leave, and parts of free text that look like secrets. */
const SECRET_KEY =
  /(?:^|[._-])(?:cipassword|password|passwd|passphrase|secret|token|apikey|api_key|privatekey|private_key|keyring)$/i;
const SECRET_TEXT =
  /((?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api[_ -]?key|private[_ -]?key|access[_ -]?key)["'`*]{0,3}\s*(?:[=:]|\bis\b)\s*["'`*]{0,3})([^\s"'`,;&]+)/gi;
const SECRET_URL = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}@/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9+/_.=-]{8,}/gi;
const KEY_BLOCK = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}-----|$)/gs;
const API_TOKEN = /(\b[\w.-]{1,60}@[\w-]{1,30}![\w.-]{1,60}=)[0-9a-f-]{36}/gi;

/** Characters that steer a terminal or a reader instead of being read: controls, bidi marks, invisible ones. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** A terminal's escape sequence goes whole, not just its first byte. Written as text since it names control characters. */
const ESCAPE_SEQUENCE = new RegExp(
  [
    '\\u001b\\[[0-?]{0,20}[ -/]{0,5}[@-~]',
    '\\u001b\\][^\\u0007\\u001b]{0,500}(?:\\u0007|\\u001b\\\\)?',
    '\\u001b[@-Z\\\\^_]',
  ].join('|'),
  'g',
);

/** What most names are: nothing in it could steer, and no secret is told without a blank, `=`, `:` or `@`. */
const BARE_WORD = /^[\w.-]*$/;

/** Text from the cluster as data: no control characters, no lone surrogates, no HTML tags, no secrets, bounded. */
export function clusterText(value: string, limit = TEXT_AT_MOST): string {
  if (value.length <= limit && BARE_WORD.test(value)) return value;
  const clean = value
    .slice(0, limit + LOOK_AHEAD)
    .toWellFormed()
    .replace(KEY_BLOCK, '(secret)')
    .replace(/<\/?[a-z!][^<>]{0,2000}>?/gi, ' ')
    .replace(ESCAPE_SEQUENCE, ' ')
    .replace(INVISIBLE, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const redacted = withoutSecrets(clean);
  return redacted.length > limit ? `${redacted.slice(0, limit).toWellFormed()}…` : redacted;
}

function withoutSecrets(text: string): string {
  return text
    .replace(SECRET_URL, '$1(secret)@')
    .replace(API_TOKEN, '$1(secret)')
    .replace(BEARER, '$1 (secret)')
    .replace(SECRET_TEXT, '$1(secret)');
}

/** A name where it is plain enough to stand in a sentence of ours, else null: nothing from the cluster may read as our words. */
export function plainWord(value: string): string | null {
  return /^[\p{L}\p{N}][\p{L}\p{N}_.+-]{0,62}$/u.test(value) ? value : null;
}

/** A value at a path of a resource's state, safe to show: secrets masked, text cleaned. */
export function stateValue(path: string, value: unknown, limit?: number): unknown {
  if (value !== null && SECRET_KEY.test(path)) return SECRET;
  if (typeof value === 'string') return clusterText(value, limit);
  if (Array.isArray(value)) return value.map(one => stateValue(path, one, limit));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [
        clusterText(name, 60),
        stateValue(`${path}.${name}`, child, limit),
      ]),
    );
  }
  return value;
}
