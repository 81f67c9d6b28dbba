import { UsageError } from '../errors.ts';
import { parseToken } from '../proxmox/auth.ts';
import { OPTION_LIST } from './options.ts';

/** How people might spell an option for a secret: `proxmox-token`, `token`, `secret` ... */
const SPELLINGS = new Set([
  ...OPTION_LIST.filter(({ secret, flag }) => secret && flag === undefined)
    .flatMap(({ env }) => env.map(name => name.toLowerCase().replaceAll('_', '-')))
    .flatMap(name => [name, name.replace(/^proxmox-/, ''), name.replace(/^proxmox-token-/, '')]),
  ...['api-token', 'pass', 'passwd'],
]);

/**
 * Refuses a command line that contains a secret, before anything else reads it and may repeat it: other users can see the
 * arguments of every process.
 * @throws UsageError, which repeats only the option's name
 */
export function refuseSecrets(argv: readonly string[]): void {
  for (const argument of argv) {
    const [, dashes, name = ''] = /^(-{0,2})([a-z_-]+)(?==|$)/i.exec(argument) ?? [];
    const spelling = name.toLowerCase().replaceAll('_', '-');
    const isOption = dashes !== '' || (argument.includes('=') && /^(?:proxmox|database)-/.test(spelling));
    if (isOption && SPELLINGS.has(spelling)) throw refusal(`${dashes}${name}`);
    if (isToken(argument)) throw refusal('A token with its secret');
  }
}

function refusal(what: string): UsageError {
  return new UsageError(
    `${what} does not belong on the command line: other users of this machine can read it there.`,
    {
      hint:
        'Write the secret into a file only you can read, and set PROXMOX_TOKEN_ID and PROXMOX_TOKEN_SECRET_FILE. ' +
        'What stood on this command line is better replaced: it is in the history of your shell, too.',
    },
  );
}

function isToken(argument: string): boolean {
  try {
    return /^[\w-]{16,}$/.test(parseToken(argument).secret);
  } catch {
    return false;
  }
}
