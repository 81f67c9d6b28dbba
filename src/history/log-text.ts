import { maskText, SECRET } from '../text/mask.ts';
import { SECRET_NAME } from '../text/secret-words.ts';

/** Parameters whose values are secrets, or commands and keys that may contain some. */
const SECRET_PARAMETER = new RegExp(
  `((?:^|\\s)--?(?:[\\w-]{0,40}?${SECRET_NAME}|args|sshkeys|env|environment|entrypoint)\\s+)(?!<hidden>).*`,
  'isu',
);

/**
 * A line of the cluster's log without its secrets. Everything after a secret parameter is removed: values are not quoted there,
 * so where one ends is unknown.
 */
export function redactLog(message: string): string {
  return maskText(message.replace(SECRET_PARAMETER, `$1${SECRET}`));
}

/** A log line without its guest: `update: -memory 3072` for `update VM 101: -memory 3072`. */
export function shortLog(message: string): string {
  return message.replace(/^([a-z ]+) (?:VM|CT|LXC|container) \d+: /, '$1: ');
}
