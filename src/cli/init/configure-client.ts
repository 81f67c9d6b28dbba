import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { oneLine } from '../../text/clean.ts';
import type { Host, Setup } from '../host.ts';
import { warning } from '../render/style.ts';
import { CLIENTS, type Client } from './clients.ts';
import { DATABASE, environmentOf, type Login, tellSecrets, writeSecrets } from './environment.ts';
import { type Before, merge, type Wanted } from './merge.ts';
import { oldSecrets } from './old-secrets.ts';
import { readText, rewriteFile, unlinked } from './write-config.ts';

/** What to write, and for which client. */
export interface Order extends Login {
  client: Client;
  /** Instead of the client's own file. */
  file: string | undefined;
  name: string;
  /** Another server with that name may be replaced. */
  replace: boolean;
  /** The file of clusters that the server reads: everything about them is in there, and no secret is written here. */
  clustersFile: string | undefined;
}

/** Variables that an older entry may contain besides those we write, and which would override them. */
const STALE = [
  ...['PROXMOX_HOST', 'PROXMOX_TOKEN', 'PROXMOX_TOKEN_SECRET', 'PROXMOX_USERNAME', 'PROXMOX_PASSWORD'],
  ...['PROXMOX_FINGERPRINT', 'PROXMOX_CA_FILE', 'PROXMOX_TLS_INSECURE'],
];

/** Writes the server into a client's configuration, and the secrets into files of their own. */
export async function configureClient(order: Order, host: Host): Promise<void> {
  const { client, name, setup } = order;
  const place = await host.place();
  const path = await unlinked(order.file === undefined ? client.file(place) : resolve(order.file));
  const { env, kept, stale } = startedWith(order, place.dataFolder);
  const { node, script } = place.command;
  const wanted: Wanted = { name, entry: { command: node, args: [script, 'serve'], env }, stale };

  const preview = mergeInto(path, (await readText(path)) ?? '', client, wanted);
  if (preview.before === 'other' && !order.replace) {
    const taken = `${path} has a server "${name}" already, which starts another program.`;
    if (!(await host.confirm(`${taken} Replace it?`)))
      throw new UsageError(`${taken} Nothing was written.`, {
        hint: 'Give ours another name with --name proxmox-mpc, or replace it with --yes.',
      });
  }
  await writeSecrets(kept);
  const written = await rewriteFile(path, text => mergeInto(path, text, client, wanted).text);

  const { output } = host;
  output.out(`\n${saidOf(preview.before, written.changed)} "${name}" in ${written.file}.\n`);
  if (written.backup !== null) output.out(`The file as it was: ${written.backup}\n`);
  tellSecrets(kept, host);
  output.out(`Next: ${client.afterwards}\n`);
  await tellOldSecrets([written.file, ...Object.values(CLIENTS).map(one => one.file(place))], setup, host);
  if (/[/\\]_npx[/\\]/.test(script))
    output.note(
      warning('! npx may remove this copy of the program: `npm install -g proxmox-mpc`, then init again.\n'),
    );
}

/** The variables the server is started with, and those to remove from an older entry. */
function startedWith(order: Order, folder: string) {
  const { env, kept, tellsStore } = environmentOf(order, folder);
  if (order.clustersFile !== undefined)
    return {
      env: { PROXMOX_MPC_CONFIG: order.clustersFile },
      kept: [],
      stale: [...STALE, ...Object.keys(env).filter(name => name !== 'PROXMOX_MPC_CONFIG')],
    };
  const writes = order.writing === null ? [] : ['PROXMOX_WRITE_TOKEN_SECRET'];
  return { env, kept, stale: [...STALE, ...(tellsStore ? DATABASE : []), ...writes] };
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

/** Points out secrets that older versions or people left in clients' configurations and in copies of them, never their values. */
async function tellOldSecrets(files: string[], { secretNames }: Setup, { output }: Host): Promise<void> {
  for (const { file, key } of await oldSecrets(files, secretNames))
    output.note(
      warning(
        `! ${file} still holds a secret under ${oneLine(key).slice(0, 200)}: remove it, and better replace the secret.\n`,
      ),
    );
}
