import { type Credentials, parseToken, type TlsOptions } from '../../proxmox/index.ts';
import type { Host, Setup, SetupWriting } from '../host.ts';
import { bold, MARKS } from '../render/style.ts';
import { checkWriting } from '../writing-rights.ts';
import { privilegesOf, WRITE_TOKEN, writeTokenCommands } from './write-role.ts';

const INDENT = '       ';

/**
 * Prints how to make the token for writing, asks for it if a person is there, and says what it may do. Resolves to the token;
 * null if there is none, which leaves writing off.
 * @throws UsageError for text that cannot be a token
 */
export async function setUpWriting(
  writing: SetupWriting,
  { url, tls, reads, setup }: { url: string; tls: TlsOptions; reads: Credentials; setup: Setup },
  host: Host,
): Promise<string | null> {
  const { output, terminal } = host;
  const { policy } = writing;
  const identity = writing.token === null ? WRITE_TOKEN : parseToken(writing.token).id;
  const needed = privilegesOf(policy.kinds).join(', ');
  output.out(`\n${bold('Writing')}: ${policy.kinds.join(', ')} (${needed})\n`);
  output.out(
    'Commands for a token that may do just that, on any node as root (the token’s own prints its secret, once; where the role is\n' +
      'there already, "role modify" in place of "role add"):\n',
  );
  const commands = writeTokenCommands(identity, { ...policy, exists: writing.token !== null });
  output.out(`${commands.map(command => INDENT + command).join('\n')}\n`);
  if (policy.kinds.includes('options'))
    output.out(`${INDENT}# A container's name needs VM.Config.Network, too.\n`);
  const token = writing.token ?? (await askWriteToken(terminal));
  if (token === null) {
    output.note(
      '\nWithout that token writing stays off: set PROXMOX_WRITE_TOKEN_ID and its secret, and init again.\n',
    );
    return null;
  }
  output.out(await rightsText(token, writing, { url, tls, reads, setup }));
  return token;
}

async function askWriteToken(terminal: Host['terminal']): Promise<string | null> {
  if (terminal === null) return null;
  const given = await terminal.ask(
    '\nToken that writes, such as mcp@pve!write, or nothing to leave writing off: ',
  );
  if (given === '') return null;
  const token = given.includes('=')
    ? given
    : `${given}=${await terminal.askSecret('Its secret (not shown): ')}`;
  parseToken(token);
  return token;
}

async function rightsText(
  token: string,
  { policy }: SetupWriting,
  { url, tls, reads, setup }: { url: string; tls: TlsOptions; reads: Credentials; setup: Setup },
): Promise<string> {
  const client = setup.connect({ url, credentials: { token }, tls });
  const reader = 'token' in reads ? parseToken(reads.token).id : reads.username;
  try {
    const findings = await checkWriting({ client, policy }, reader);
    return findings.map(({ level, text }) => `  ${MARKS[level]} ${text}\n`).join('');
  } finally {
    client.close();
  }
}
