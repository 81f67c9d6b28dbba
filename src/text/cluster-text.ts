import type { Replace } from './carry-back.ts';
import { oneLine, visibleText } from './clean.ts';
import { withoutLinks, withoutTags } from './defuse.ts';
import { isShortWord, maskText, maskValue } from './mask.ts';
import { isSecretPath } from './secret-words.ts';

/** Limit of free text from the cluster in answers (characters). */
const TEXT_AT_MOST = 300;
/** How much more of a text is examined, since tags and blanks are removed; a note may be megabytes long. */
const LOOK_AHEAD = 8_000;
/** How much is dropped at the end of a partly examined text: a secret may have been cut in two there. */
const CUT_SECRET = 2_100;

/**
 * Text from the cluster as data, on a single line. Removes invisible characters, HTML and secrets, and breaks whatever Markdown
 * would turn into a link or an image; only then is it cut. `replace` can tell secrets apart.
 */
export function clusterText(value: string, limit = TEXT_AT_MOST, replace?: Replace): string {
  if (value.length <= limit && isShortWord(value)) return value;
  const window = limit + LOOK_AHEAD;
  // Masked before and after the tags are removed: either can reveal a secret that the other does not.
  const masked = maskText(withoutTags(maskText(visibleText(value.slice(0, window)), replace)), replace);
  const whole = value.length <= window ? masked : masked.slice(0, -CUT_SECRET);
  const clean = withoutLinks(whole.replace(/\s+/g, ' ').trim());
  return clean.length > limit ? `${clean.slice(0, limit).toWellFormed()}…` : clean;
}

/** A name plain enough to appear unquoted in one of our sentences, else null: nothing from the cluster may read as our words. */
export function plainWord(value: string): string | null {
  return /^[\p{L}\p{N}][\p{L}\p{N}_.+-]{0,62}$/u.test(value) ? value : null;
}

/** Text of the cluster or a caller for use in one of our sentences: in quotes it cannot close, short, on a single line. */
export function quoted(value: string, limit = 60): string {
  return `"${clusterText(value, limit).replaceAll(/["“”]/g, "'")}"`;
}

/** Several of them, separated by commas. */
export function quotedList(values: Iterable<string>): string {
  return [...values].map(value => quoted(value)).join(', ');
}

/** The value at a path of a resource's state, safe to show: secrets masked, text cleaned. */
export function stateValue(path: string, value: unknown, limit?: number, replace?: Replace): unknown {
  return shown(path, maskValue(path, value, replace), limit, replace);
}

function shown(path: string, value: unknown, limit?: number, replace?: Replace): unknown {
  if (typeof value === 'string')
    return isSecretPath(path) ? oneLine(value) : clusterText(value, limit, replace);
  if (Array.isArray(value)) return value.map(one => shown(path, one, limit, replace));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [
        clusterText(name, 60),
        shown(`${path}.${name}`, child, limit, replace),
      ]),
    );
  }
  return value;
}
