/** Parameters whose values are secrets, or free text that may hold some. */
const SECRET_PARAMETER = /(^|\s)(--?(?:cipassword|password|args|sshkeys|env)\s+)(?!<hidden>).*/is;
const SECRET_PART = /((?:password|passwd|secret|token|api[_-]?key)\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,]+)/gi;

/**
 * A line of the cluster's log without the secrets in it. What follows a secret parameter goes with it: values are not
 * quoted there, so nobody can say where one ends.
 */
export function redactLog(message: string): string {
  return message.replace(SECRET_PARAMETER, '$1$2(secret)').replace(SECRET_PART, '$1(secret)');
}

/** `update VM 101: -memory 3072` without the guest it is about: `update: -memory 3072`. */
export function shortLog(message: string): string {
  return message.replace(/^([a-z ]+) (?:VM|CT|LXC|container) \d+: /, '$1: ');
}
