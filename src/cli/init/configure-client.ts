import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describeTarget, parseTarget } from '../../database/options.ts';
import { UsageError } from '../../errors.ts';
import { createPrivate } from '../../private-file.ts';
import { type Credentials, parseBaseUrl, parseToken } from '../../proxmox/index.ts';
import { oneLine } from '../../text/clean.ts';
import type { Host, Setup } from '../host.ts';
import { warning } from '../render/style.ts';
import { CLIENTS, type Client } from './clients.ts';
import { type Before, merge, type Wanted } from './merge.ts';
import { oldSecrets } from './old-secrets.ts';
import { readText, rewriteFile, unlinked } from './write-config.ts';

/** What to write, for which client. */
export interface Order {
  client: Client;
  /** Instead of the client's own file. */
  file: string | undefined;
  name: string;
  /** Another server of that name may go. */
  replace: boolean;
  urls: readonly string[];
  credentials: Credentials;
  fingerprints: readonly string[] | undefined;
  setup: Setup;
  /** The token that writes, the file its secret came from, and what it is for; null where nothing is said of writing. */
  writing: { token: string; secretFile: string | null; kinds: readonly string[] } | null;
}

/** Variables an older entry may hold beside those we write, and which would win over them. */
const STALE = [
  ...['PROXMOX_HOST', 'PROXMOX_TOKEN', 'PROXMOX_TOKEN_SECRET', 'PROXMOX_USERNAME', 'PROXMOX_PASSWORD'],
  ...['PROXMOX_FINGERPRINT', 'PROXMOX_CA_FILE', 'PROXMOX_TLS_INSECURE'],
];

/** Where the store is: of two that tell it, neither would count. */
const DATABASE = ['DATABASE_URL', 'DATABASE_URL_FILE'];

/** Writes the server into a client's configuration, and the secret into a file of its own. */
export async function configureClient(order: Order, host: Host): Promise<void> {
  const { client, name, credentials, setup } = order;
  if (!('token' in credentials))
    throw new UsageError('A client is given a token, never a password.', {
      hint: 'Make a token with the commands above, and set PROXMOX_TOKEN in place of PROXMOX_USERNAME and PROXMOX_PASSWORD.',
    });
  const { id, secret } = parseToken(credentials.token);
  const place = await host.place();
  const path = await unlinked(order.file === undefined ? client.file(place) : resolve(order.file));
  const secretFile = setup.secretFile ?? join(place.dataFolder, secretName(order.urls[0]!, id));
  const databaseFile =
    setup.databaseSecret === null ? null : join(place.dataFolder, databaseFileName(setup.databaseSecret));
  const write = order.writing === null ? null : writeLogin(order.writing, order.urls[0]!, place.dataFolder);
  const tellsStore = databaseFile !== null || DATABASE.some(variable => variable in setup.variables);
  const { node, script } = place.command;
  const wanted: Wanted = {
    name,
    entry: {
      command: node,
      args: [script, 'serve'],
      env: {
        PROXMOX_URL: order.urls.join(','),
        PROXMOX_TOKEN_ID: id,
        PROXMOX_TOKEN_SECRET_FILE: secretFile,
        ...write?.env,
        ...(order.fingerprints && { PROXMOX_FINGERPRINT: order.fingerprints.join(',') }),
        ...(databaseFile !== null && { DATABASE_URL_FILE: databaseFile }),
        ...setup.variables,
      },
    },
    stale: [
      ...STALE,
      ...(tellsStore ? DATABASE : []),
      ...(write === null ? [] : ['PROXMOX_WRITE_TOKEN_SECRET']),
    ],
  };

  const preview = mergeInto(path, (await readText(path)) ?? '', client, wanted);
  if (preview.before === 'other' && !order.replace) {
    const taken = `${path} has a server "${name}" already, which starts another program.`;
    if (!(await host.confirm(`${taken} Replace it?`)))
      throw new UsageError(`${taken} Nothing was written.`, {
        hint: 'Give ours another name with --name proxmox-mpc, or replace it with --yes.',
      });
  }
  if (setup.secretFile === null) await writeSecret(secretFile, secret);
  if (write !== null && order.writing!.secretFile === null) await writeSecret(write.file, write.secret);
  if (databaseFile !== null) await writeSecret(databaseFile, setup.databaseSecret!);
  const written = await rewriteFile(path, text => mergeInto(path, text, client, wanted).text);

  const { output } = host;
  output.out(`\n${saidOf(preview.before, written.changed)} "${name}" in ${written.file}.\n`);
  if (written.backup !== null) output.out(`The file as it was: ${written.backup}\n`);
  output.out(
    `The token's secret: ${secretFile}${setup.secretFile === null ? ', readable by you alone' : ''}\n`,
  );
  if (write !== null) output.out(`The secret of the token that writes: ${write.file}\n`);
  if (databaseFile !== null) output.out(`The store's address: ${databaseFile}, readable by you alone\n`);
  output.out(`Next: ${client.afterwards}\n`);
  await tellOldSecrets([written.file, ...Object.values(CLIENTS).map(one => one.file(place))], setup, host);
  if (/[/\\]_npx[/\\]/.test(script))
    output.note(
      warning('! npx may remove this copy of the program: `npm install -g proxmox-mpc`, then init again.\n'),
    );
}

/** The second token, kept as the first. */
function writeLogin(
  { token, secretFile, kinds }: NonNullable<Order['writing']>,
  url: string,
  folder: string,
) {
  const { id, secret } = parseToken(token);
  const file = secretFile ?? join(folder, secretName(url, id));
  const env = {
    PROXMOX_WRITE_TOKEN_ID: id,
    PROXMOX_WRITE_TOKEN_SECRET_FILE: file,
    PROXMOX_MPC_WRITE: kinds.join(','),
  };
  return { file, secret, env };
}

function mergeInto(path: string, text: string, client: Client, wanted: Wanted) {
  try {
    return merge(text, client, wanted);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${path} was left as it is: ${error.message}.`, {
      hint: 'Mend the file, or name another one with --config-file.',
    });
  }
}

function saidOf(before: Before, changed: boolean): string {
  if (!changed) return 'Nothing to change about';
  return { nothing: 'Added', ours: 'Updated', other: 'Replaced' }[before];
}

/** The same token of the same cluster has one file, whichever clients use it. */
function secretName(url: string, id: string): string {
  return `${parseBaseUrl(url).host}_${id}.secret`.replace(/[^\w.@!-]/g, '_');
}

/** A store's address has one file, whichever clients use it. */
function databaseFileName(url: string): string {
  return `${describeTarget(parseTarget({ url })).replace(/^\w+:\/\//, '')}.database-url`.replace(
    /[^\w.@!-]/g,
    '_',
  );
}

async function writeSecret(file: string, secret: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  const handle = await createPrivate(draft);
  try {
    await handle.writeFile(`${secret}\n`);
    await handle.close();
    await rename(draft, file);
  } finally {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  }
}

/** Points out what older versions or people left in clients' configurations and in copies of them; never the value. */
async function tellOldSecrets(files: string[], { secretNames }: Setup, { output }: Host): Promise<void> {
  for (const { file, key } of await oldSecrets(files, secretNames))
    output.note(
      warning(
        `! ${file} still holds a secret under ${oneLine(key).slice(0, 200)}: remove it, and better replace the secret.\n`,
      ),
    );
}
