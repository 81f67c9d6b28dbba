import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Flags, Place, Setup, SetupWriting } from '../cli/host.ts';
import { dataFolder, thisPlace } from '../config/data-folder.ts';
import { databaseUrl, expandHome } from '../config/formats.ts';
import { OPTION_LIST } from '../config/options.ts';
import { writtenOptions } from '../config/sources.ts';
import { OPTIONS, readConfig, type WritingConfig } from '../config.ts';
import { holdsPassword, parseTarget } from '../database/options.ts';
import { UsageError } from '../errors.ts';
import { USUAL_KINDS, type WriteKind } from '../model/writing.ts';
import { createProxmoxClient } from '../proxmox/index.ts';

/** Options that `init` writes in its own way, or not at all. */
const ITS_OWN = new Set([
  ...['url', 'token', 'tokenId', 'tokenSecret', 'tokenSecretFile', 'username', 'password', 'fingerprint'],
  ...['writeTokenId', 'writeTokenSecret', 'writeTokenSecretFile', 'write'],
]);

/** Variables never written into a client's configuration. The store's address is, if it has no password. */
const SECRET_NAMES = OPTION_LIST.filter(({ secret }) => secret)
  .flatMap(({ env }) => env)
  .filter(name => name !== 'DATABASE_URL');

/** The configuration so far. @throws UsageError for an invalid value */
export function readSetup(flags: Flags, env: NodeJS.ProcessEnv): Setup {
  const { urls, credentials, tls, timeoutMs, database, writing } = readConfig({ flags, env });
  const written = writtenOptions({ flags, env });
  const { tokenSecretFile } = written;
  const secretUrl = written.databaseUrlFile === undefined && holdsPassword(database.url);
  const variables = Object.entries(written)
    .filter(([name]) => !ITS_OWN.has(name) && !(secretUrl && name === 'databaseUrl'))
    .map(([name, value]) => [OPTIONS[name as keyof typeof OPTIONS].env[0], absolute(name, value)]);
  return {
    urls,
    credentials,
    tls,
    timeoutMs,
    variables: Object.fromEntries(variables),
    databaseSecret: secretUrl ? database.url : null,
    secretNames: SECRET_NAMES,
    secretFile: tokenSecretFile === undefined ? null : absolute('tokenSecretFile', tokenSecretFile),
    writing: writingOf(flags['write'], writing, written),
    connect: to => createProxmoxClient({ ...to, urls: [to.url], timeoutMs }),
  };
}

/** What `--write` asks for, or what is already configured. @throws UsageError for an unknown kind */
function writingOf(
  asked: Flags[string],
  configured: WritingConfig | null,
  { write, writeOnly, writeTokenSecretFile: file }: ReturnType<typeof writtenOptions>,
): SetupWriting | null {
  if (asked === undefined && configured === null) return null;
  const kinds =
    typeof asked === 'string' ? kindsIn(asked) : write === undefined ? USUAL_KINDS : kindsIn(write);
  return {
    policy: { kinds, only: writeOnly === undefined ? null : OPTIONS.writeOnly.schema.parse(writeOnly) },
    token: configured?.token ?? null,
    secretFile: file === undefined ? null : absolute('writeTokenSecretFile', file),
  };
}

function kindsIn(text: string): WriteKind[] {
  const read = OPTIONS.write.schema.safeParse(text);
  if (read.success) return [...new Set(read.data)];
  throw new UsageError(`--write: ${read.error.issues[0]!.message}.`, {
    hint: `Example: --write ${OPTIONS.write.example}`,
  });
}

/** Options that name files. */
const PATHS: ReadonlySet<string> = new Set([
  ...['caFile', 'tokenSecretFile', 'writeTokenSecretFile', 'databaseUrlFile', 'clustersFile'],
]);

/** As an absolute path, since a client starts the server in any folder. */
function absolute(name: string, value: string): string {
  if (PATHS.has(name)) return resolve(expandHome(value));
  if (name !== 'databaseUrl') return value;
  const target = parseTarget({ url: databaseUrl(value) });
  return target.provider === 'sqlite' ? `file:${target.path}` : target.url;
}

/** This machine, and how a client starts the built program on it. @throws UsageError if it is not built */
export function readPlace(packageRoot: string, env: NodeJS.ProcessEnv): Place {
  const place = thisPlace(env);
  const script = join(packageRoot, 'dist', 'proxmox-mpc.js');
  if (!existsSync(script))
    throw new UsageError(`${script} is missing.`, { hint: 'Build it with `npm run build`.' });
  return {
    ...place,
    dataFolder: dataFolder(place),
    command: { node: stableNode(process.execPath), script },
    list: folder => (existsSync(folder) ? readdirSync(folder) : []),
  };
}

/** Homebrew removes a version's folder when it upgrades, but keeps its link to the current one. */
function stableNode(path: string): string {
  return path.replace(/\/Cellar\/([^/]+)\/[^/]+\/bin\/node$/, '/opt/$1/bin/node');
}
