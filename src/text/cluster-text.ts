import type { Replace } from './carry-back.ts';
import { oneLine, visibleText } from './clean.ts';
import { withoutLinks, withoutTags } from './defuse.ts';
import { isShortWord, maskText, maskValue } from './mask.ts';
import { isSecretPath } from './secret-words.ts';

/** Free text from the cluster is cut to this length in answers (characters). */
const TEXT_AT_MOST = 300;
/** How much more of a text is examined, since tags and blanks are removed: a note may be megabytes. */
const LOOK_AHEAD = 8_000;
/** How much is left out at the end of a text that was not examined whole: a secret may have been cut in two. */
const CUT_SECRET = 2_100;

/**
 * Text from the cluster as data, in one line: what is not seen goes, then HTML, then secrets, then what Markdown would
 * make a link or an image; only then is it cut. `replace` tells secrets apart.
 */
export function clusterText(value: string, limit = TEXT_AT_MOST, replace?: Replace): string {
  if (value.length <= limit && isShortWord(value)) return value;
  const window = limit + LOOK_AHEAD;
  // Masked with its tags too: what a tag hides may be told when it is gone, and the other way round.
  const masked = maskText(withoutTags(maskText(visibleText(value.slice(0, window)), replace)), replace);
  const whole = value.length <= window ? masked : masked.slice(0, -CUT_SECRET);
  const clean = withoutLinks(whole.replace(/\s+/g, ' ').trim());
  return clean.length > limit ? `${clean.slice(0, limit).toWellFormed()}…` : clean;
}

/**
 * A name where it is plain enough to stand in one of our sentences, else null: nothing from the cluster may read as our
 * words.
 */
export function plainWord(value: string): string | null {
  return /^[\p{L}\p{N}][\p{L}\p{N}_.+-]{0,62}$/u.test(value) ? value : null;
}

/** Text of the cluster, or of a caller, within one of our sentences: in quotes that it cannot end, short, in one line. */
export function quoted(value: string, limit = 60): string {
  return `"${clusterText(value, limit).replaceAll(/["“”]/g, "'")}"`;
}

/** Several of them, one after the other. */
export function quotedList(values: Iterable<string>): string {
  return [...values].map(value => quoted(value)).join(', ');
}

/** A value at a path of a resource's state, safe to show: secrets masked, text cleaned. */
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
