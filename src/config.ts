import { readCredentials, readWriteToken } from './config/credentials.ts';
import { dataFolder, defaultDatabaseUrl, type Place, thisPlace } from './config/data-folder.ts';
import { OPTIONS, type OptionValues } from './config/options.ts';
import { readOptions, type Sources } from './config/sources.ts';
import { parseTarget } from './database/options.ts';
import { describeError, MpcError, UsageError } from './errors.ts';
import type { LogLevel } from './log.ts';
import { type ApprovalMode, USUAL_KINDS, type WritePolicy } from './model/writing.ts';
import type { Credentials, TlsOptions } from './proxmox/index.ts';

export { ENV_FILE, OPTIONS } from './config/options.ts';
export { secretFiles } from './config/sources.ts';

/** All options of the program, validated. */
export interface Config {
  /** Null if PROXMOX_URL is not set. */
  urls: string[] | null;
  /** Null if no way to log in is set. */
  credentials: Credentials | null;
  /** Null if there is no token for writing: then nothing is ever written. */
  writing: WritingConfig | null;
  /** Variables for writing that have no effect, since there is no token for writing. */
  idle: string[];
  tls: TlsOptions;
  timeoutMs: number;
  concurrency: number;
  database: DatabaseConfig;
  maxAgeMs: number;
  configMaxAgeMs: number;
  /** Answers contain only what the token may see, whatever the store has. */
  onlyMine: boolean;
  /** 0 keeps history for ever. */
  historyDays: number;
  /** IANA name. */
  timeZone: string;
  /** The declared file's path; undefined if declarations are kept in the store. */
  declaration: string | undefined;
  /** Undefined if the command decides. */
  logLevel: LogLevel | undefined;
}

/** The token for writing, and what the person who set it up allows. */
export interface WritingConfig {
  /** `user@realm!name=secret`. */
  token: string;
  policy: WritePolicy;
  approval: ApprovalMode;
}

/** Where the store is and how to open it. */
export interface DatabaseConfig {
  url: string;
  provider: 'sqlite' | 'postgresql' | undefined;
  /** Where copies of the store are kept before it is changed. */
  backupFolder: string;
  maxConnections: number | undefined;
  autoMigrate: boolean | undefined;
  /** Level of the store's own log; null if it has none. */
  logLevel: LogLevel | null;
}

/** A configuration with which Proxmox can be asked. */
export interface ConnectedConfig extends Config {
  urls: string[];
  credentials: Credentials;
}

/**
 * Reads flags, environment and `--env-file`. Starts nothing, and reads only the files that are named.
 * @throws UsageError naming every invalid option with its fault and an example; never a secret
 */
export function readConfig(sources: Sources, place: Place = thisPlace(sources.env)): Config {
  const { values, faults } = readOptions(sources);
  const attempt = <Value>(read: () => Value, otherwise: Value): Value => {
    try {
      return read();
    } catch (error) {
      faults.push(
        error instanceof MpcError && error.hint ? `${error.message} ${error.hint}` : describeError(error),
      );
      return otherwise;
    }
  };
  const url = attempt(() => chosenUrl(values, sources), undefined) ?? defaultDatabaseUrl(place);
  attempt(() => parseTarget({ url, provider: values.databaseProvider }), null);
  const config: Config = {
    urls: values.url ?? null,
    credentials: attempt(() => readCredentials(values), null),
    writing: attempt(() => writingOf(values), null),
    idle: idleOptions(values),
    tls: { ca: values.caFile, fingerprints: values.fingerprint, insecure: values.insecure },
    timeoutMs: (values.timeout ?? 10) * 1000,
    concurrency: values.concurrency ?? 4,
    database: {
      url,
      provider: values.databaseProvider,
      backupFolder: dataFolder(place),
      maxConnections: values.maxConnections,
      autoMigrate: values.autoMigrate,
      logLevel: values.databaseLogging ? (values.databaseLogLevel ?? 'debug') : null,
    },
    maxAgeMs: (values.maxAge ?? 30) * 1000,
    configMaxAgeMs: (values.configMaxAge ?? 300) * 1000,
    onlyMine: values.onlyMine ?? /^postgres(?:ql)?:/i.test(url.trim()),
    historyDays: values.historyDays ?? 0,
    timeZone: values.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    declaration: values.declaration,
    logLevel: values.logLevel,
  };
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return config;
}

function writingOf(values: OptionValues): WritingConfig | null {
  const token = readWriteToken(values);
  if (token === null) return null;
  const kinds = [...new Set(values.write ?? USUAL_KINDS)];
  return {
    token,
    policy: { kinds, only: values.writeOnly ?? null },
    approval: values.approval ?? 'person',
  };
}

function idleOptions(values: OptionValues): string[] {
  const { writeTokenId, writeTokenSecret, writeTokenSecretFile } = values;
  if ([writeTokenId, writeTokenSecret, writeTokenSecretFile].some(one => one !== undefined)) return [];
  const names = ['write', 'writeOnly', 'approval'] as const;
  return names.flatMap(name => (values[name] === undefined ? [] : OPTIONS[name].env));
}

/** The store's address, from a flag, a variable or a file. @throws UsageError if two variables name it */
function chosenUrl({ databaseUrl, databaseUrlFile }: OptionValues, { flags }: Sources): string | undefined {
  if (databaseUrl !== undefined && databaseUrlFile !== undefined && flags['database-url'] === undefined)
    throw new UsageError('DATABASE_URL and DATABASE_URL_FILE are both set: keep one of them.');
  return databaseUrl ?? databaseUrlFile;
}

/** The configuration, if Proxmox can be asked with it. @throws UsageError naming what is missing and what to do */
export function requireConnection(config: Config): ConnectedConfig {
  const { urls, credentials } = config;
  if (urls === null) {
    throw new UsageError('PROXMOX_URL is not set: no Proxmox VE address is known.', {
      hint: "Set PROXMOX_URL=https://your-node:8006 and PROXMOX_TOKEN='user@realm!name=secret', or try --demo, which needs no Proxmox.",
    });
  }
  if (credentials === null) {
    throw new UsageError('PROXMOX_TOKEN is not set: there is nothing to log in with.', {
      hint: "Set PROXMOX_TOKEN='user@realm!name=secret', or PROXMOX_TOKEN_ID with PROXMOX_TOKEN_SECRET or PROXMOX_TOKEN_SECRET_FILE, or PROXMOX_USERNAME with PROXMOX_PASSWORD.",
    });
  }
  return { ...config, urls, credentials };
}
