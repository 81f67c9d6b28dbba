import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeTarget, parseTarget } from '../../database/options.ts';
import { UsageError } from '../../errors.ts';
import { createPrivate } from '../../private-file.ts';
import { type Credentials, parseBaseUrl, parseToken } from '../../proxmox/index.ts';
import type { Host, Setup } from '../host.ts';

/** How to reach one cluster. */
export interface Login {
  urls: readonly string[];
  credentials: Credentials;
  fingerprints: readonly string[] | undefined;
  setup: Setup;
  /** The token for writing, the file its secret came from, and what it is for; null if writing is not configured. */
  writing: { token: string; secretFile: string | null; kinds: readonly string[] } | null;
}

/** The file for one secret; `secret` is null if it is in there already. */
interface Kept {
  what: string;
  file: string;
  secret: string | null;
}

/** The variables of a server for one cluster, and the files for its secrets. */
export interface Environment {
  env: { [name: string]: string };
  kept: Kept[];
  tellsStore: boolean;
}

/** Where the store is: only one of the two may be set. */
export const DATABASE = ['DATABASE_URL', 'DATABASE_URL_FILE'];

/** The variables a server is started with for this login; writes nothing yet. @throws UsageError for a password */
export function environmentOf(
  { urls, credentials, fingerprints, setup, writing }: Login,
  folder: string,
): Environment {
  if (!('token' in credentials))
    throw new UsageError('A client is given a token, never a password.', {
      hint: 'Make a token with the commands above, and set PROXMOX_TOKEN in place of PROXMOX_USERNAME and PROXMOX_PASSWORD.',
    });
  const url = urls[0]!;
  const reads = keptToken("The token's secret", credentials.token, setup.secretFile, url, folder);
  const writes =
    writing === null
      ? null
      : keptToken('The secret of the token that writes', writing.token, writing.secretFile, url, folder);
  const { databaseSecret } = setup;
  const database =
    databaseSecret === null
      ? null
      : {
          what: "The store's address",
          file: join(folder, databaseFileName(databaseSecret)),
          secret: databaseSecret,
        };
  return {
    env: {
      PROXMOX_URL: urls.join(','),
      PROXMOX_TOKEN_ID: reads.id,
      PROXMOX_TOKEN_SECRET_FILE: reads.file,
      ...(writes && {
        PROXMOX_WRITE_TOKEN_ID: writes.id,
        PROXMOX_WRITE_TOKEN_SECRET_FILE: writes.file,
        PROXMOX_MPC_WRITE: writing!.kinds.join(','),
      }),
      ...(fingerprints && { PROXMOX_FINGERPRINT: fingerprints.join(',') }),
      ...(database && { DATABASE_URL_FILE: database.file }),
      ...setup.variables,
    },
    kept: [reads, writes, database].filter(one => one !== null),
    tellsStore: database !== null || DATABASE.some(variable => variable in setup.variables),
  };
}

/** Writes the secrets that are not in a file yet. */
export async function writeSecrets(kept: readonly Kept[]): Promise<void> {
  for (const { file, secret } of kept) if (secret !== null) await writeSecret(file, secret);
}

/** Says where the secrets are. */
export function tellSecrets(kept: readonly Kept[], { output }: Host): void {
  for (const { what, file, secret } of kept)
    output.out(`${what}: ${file}${secret === null ? '' : ', readable by you alone'}\n`);
}

function keptToken(what: string, token: string, given: string | null, url: string, folder: string) {
  const { id, secret } = parseToken(token);
  return given === null
    ? { what, id, file: join(folder, secretName(url, id)), secret }
    : { what, id, file: given, secret: null };
}

/** One file for a token of a cluster, whichever clients use it. */
function secretName(url: string, id: string): string {
  return `${parseBaseUrl(url).host}_${id}.secret`.replace(/[^\w.@!-]/g, '_');
}

/** One file for a store's address, whichever clients use it. */
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
