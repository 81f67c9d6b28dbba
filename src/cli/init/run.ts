import { UsageError } from '../../errors.ts';
import { type Credentials, parseBaseUrl, parseToken } from '../../proxmox/index.ts';
import { type ConnectionReport, reportConnection } from '../connection-report.ts';
import { seesNothing } from '../connection-rights.ts';
import { EXIT } from '../exit.ts';
import type { Flags, Host, Setup } from '../host.ts';
import { reportText } from '../test-connection.ts';
import { CLIENTS } from './clients.ts';
import { configureClient } from './configure-client.ts';
import { configureCluster } from './configure-cluster.ts';
import type { Login } from './environment.ts';
import { howToMakeToken, levelText } from './level-text.ts';
import { agreeOnCertificates } from './trust.ts';
import { setUpWriting } from './writing.ts';

/** All of `init`. Resolves to the exit code. @throws UsageError for missing settings if nobody is there to give them. */
export async function runInit(flags: Flags, host: Host): Promise<number> {
  const name = text(flags['name']) ?? 'proxmox';
  if (!/^[\w-]{1,40}$/.test(name))
    throw new UsageError(`--name "${name.slice(0, 60)}": letters, digits, _ and - are possible.`, {
      hint: 'Example: --name proxmox-lab',
    });
  if (flags['config-file'] !== undefined && flags['client'] === undefined)
    throw new UsageError('--config-file is given, but not which client reads it.', {
      hint: `Add --client ${Object.keys(CLIENTS).join('|')}.`,
    });
  const setup = await host.setup(flags);
  const urls = setup.urls ?? [await askUrl(host)];
  const pins = await agreeOnCertificates(urls, setup, host);
  const tls = pins === null ? setup.tls : { ...setup.tls, fingerprints: pins };
  const credentials = setup.credentials ?? (await askToken(host));

  const reports = await testAll(urls, { ...setup, tls }, credentials);
  for (const report of reports) host.output.out(reportText(withoutRights(report), false));
  const held = reports.find(report => report.held !== null)?.held ?? null;
  const identity = 'token' in credentials ? parseToken(credentials.token).id : credentials.username;
  if (held !== null) host.output.out(`\n${levelText(held, identity)}`);
  const usable = reports.find(report => report.usable);
  if (usable === undefined) return EXIT.failed;
  const { writing } = setup;
  const order = { url: usable.url, tls, reads: credentials, setup };
  const writeToken = writing === null ? null : await setUpWriting(writing, order, host);

  const cluster = text(flags['cluster']);
  const login: Login = {
    urls,
    credentials,
    fingerprints: pins ?? setup.tls.fingerprints,
    setup,
    writing:
      writing === null || writeToken === null
        ? null
        : { token: writeToken, secretFile: writing.secretFile, kinds: writing.policy.kinds },
  };
  const clustersFile = cluster === undefined ? undefined : await configureCluster(cluster, login, host);
  const client = text(flags['client']) ?? (cluster === undefined ? await askClient(host) : null);
  if (client === null) {
    host.output.note(
      `\nTo write a client's configuration, add --client ${Object.keys(CLIENTS).join('|')}.\n`,
    );
    return EXIT.ok;
  }
  const file = text(flags['config-file']);
  const replace = flags['yes'] === true;
  await configureClient({ ...login, client: CLIENTS[client]!, file, name, replace, clustersFile }, host);
  return EXIT.ok;
}

async function testAll(urls: string[], setup: Setup, credentials: Credentials): Promise<ConnectionReport[]> {
  const reports: ConnectionReport[] = [];
  for (const url of urls) {
    const client = setup.connect({ url, credentials, tls: setup.tls });
    try {
      reports.push(await reportConnection(url, client));
    } finally {
      client.close();
    }
  }
  return reports;
}

/** The levels say what may be seen, so these findings are dropped unless nothing can be seen at all. */
function withoutRights({ url, findings, details, held }: ConnectionReport) {
  const blind = held !== null && seesNothing(held);
  const kept = findings.filter(({ text: words }) => blind || !/^may (?:not )?see /.test(words));
  return { url, findings: kept, details };
}

async function askUrl({ terminal }: Host): Promise<string> {
  if (terminal === null)
    throw new UsageError('PROXMOX_URL is not set: no Proxmox VE address is known.', {
      hint: 'Set it, or name it: proxmox-mpc init --url https://your-node:8006',
    });
  const url = await terminal.ask('Address of a Proxmox VE node, such as https://pve1.example.com:8006: ');
  return parseBaseUrl(url).origin;
}

async function askToken({ terminal, output }: Host): Promise<Credentials> {
  if (terminal === null)
    throw new UsageError('PROXMOX_TOKEN is not set: there is nothing to log in with.', {
      hint: `Set PROXMOX_TOKEN_ID='user@realm!name' and PROXMOX_TOKEN_SECRET_FILE, a file with its secret that only you can read. ${howToMakeToken().trimEnd()}`,
    });
  output.note(`\n${howToMakeToken()}\n`);
  const given = await terminal.ask('Token, such as mcp@pve!mpc (its secret is asked for next): ');
  const token = given.includes('=')
    ? given
    : `${given}=${await terminal.askSecret('Its secret (not shown): ')}`;
  parseToken(token);
  return { token };
}

async function askClient({ terminal }: Host): Promise<string | null> {
  if (terminal === null) return null;
  const names = Object.keys(CLIENTS);
  const given = await terminal.ask(
    `\nWrite the configuration of a client? ${names.join(', ')}, or nothing: `,
  );
  if (given === '') return null;
  if (names.includes(given)) return given;
  throw new UsageError(`"${given.slice(0, 60)}" is none of ${names.join(', ')}. Nothing was written.`);
}

function text(flag: string | boolean | undefined): string | undefined {
  return typeof flag === 'string' ? flag : undefined;
}
