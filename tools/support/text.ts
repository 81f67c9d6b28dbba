/** Free text from the cluster is cut to this length in answers (characters). */
const TEXT_AT_MOST = 300;

/** Config keys whose values never leave, and parts of free text that look like secrets. */
const SECRET_KEY =
  /(?:^|[._-])(?:cipassword|password|passwd|secret|token|apikey|api_key|privatekey|private_key)$/i;
const SECRET_TEXT = /((?:password|passwd|secret|token|api[_-]?key)\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;

/** Text from the cluster as data: no control characters, no lone surrogates, no HTML tags, bounded. */
export function clusterText(value: string, limit = TEXT_AT_MOST): string {
  const clean = value
    .toWellFormed()
    .replace(/<[^<>]{0,500}>/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const redacted = clean.replace(SECRET_TEXT, '$1(secret)');
  return redacted.length > limit ? `${redacted.slice(0, limit)}…` : redacted;
}

/** A value at a path of a resource's state, safe to show: secrets masked, text cleaned. */
export function stateValue(path: string, value: unknown): unknown {
  if (value !== null && SECRET_KEY.test(path)) return '(secret)';
  if (typeof value === 'string') return clusterText(value);
  if (Array.isArray(value)) return value.map(one => stateValue(path, one));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [
        clusterText(name, 60),
        stateValue(`${path}.${name}`, child),
      ]),
    );
  }
  return value;
}
