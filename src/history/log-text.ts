import { maskText, SECRET } from '../text/mask.ts';
import { SECRET_NAME } from '../text/secret-words.ts';

/** Parameters whose values are secrets, or commands and keys that may hold some. */
const SECRET_PARAMETER = new RegExp(
  `((?:^|\\s)--?(?:[\\w-]{0,40}?${SECRET_NAME}|args|sshkeys|env|environment|entrypoint)\\s+)(?!<hidden>).*`,
  'isu',
);

/**
 * A line of the cluster's log without the secrets in it. What follows a secret parameter goes with it: values are not
 * quoted there, so nobody can say where one ends.
 */
export function redactLog(message: string): string {
  return maskText(message.replace(SECRET_PARAMETER, `$1${SECRET}`));
}

/** `update VM 101: -memory 3072` without the guest it is about: `update: -memory 3072`. */
export function shortLog(message: string): string {
  return message.replace(/^([a-z ]+) (?:VM|CT|LXC|container) \d+: /, '$1: ');
}
