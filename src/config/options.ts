import { resolve } from 'node:path';
import { LOG_LEVELS } from '../log.ts';
import { parseBaseUrl } from '../proxmox/base-url.ts';
import { normaliseFingerprint } from '../proxmox/fingerprint.ts';
import { databaseUrl, expandHome, pemFile, secretFile, timeZone } from './formats.ts';
import { list, number, type OptionDefinition, oneOf, option, parsed, yesOrNo } from './option.ts';

const YEAR_S = 31_536_000;
const text = parsed(value => value);

/** Every option of the program. Parsing, `--help` and docs/configuration.md come from here. */
export const OPTIONS = {
  url: option({
    group: 'Proxmox',
    env: ['PROXMOX_URL', 'PROXMOX_HOST'],
    flag: 'url',
    placeholder: 'https://host:8006',
    schema: list(one => {
      parseBaseUrl(one);
      return one;
    }),
    fallback: 'none: needed for everything but `--demo` and `db`',
    help: 'Address of a Proxmox VE node; several, separated by commas, are tried in turn.',
    example: 'https://pve1.example.com:8006',
  }),
  token: option({
    group: 'Proxmox',
    env: ['PROXMOX_TOKEN'],
    placeholder: 'user@realm!name=secret',
    schema: text,
    fallback: 'none: one of the three ways to log in is needed',
    help: 'API token with its secret.',
    example: 'mpc@pve!mpc=12345678-90ab-cdef-1234-567890abcdef',
    secret: true,
  }),
  tokenId: option({
    group: 'Proxmox',
    env: ['PROXMOX_TOKEN_ID'],
    placeholder: 'user@realm!name',
    schema: text,
    fallback: 'none',
    help: 'API token without its secret, which PROXMOX_TOKEN_SECRET or PROXMOX_TOKEN_SECRET_FILE gives.',
    example: 'mpc@pve!mpc',
  }),
  tokenSecret: option({
    group: 'Proxmox',
    env: ['PROXMOX_TOKEN_SECRET'],
    placeholder: 'secret',
    schema: text,
    fallback: 'none',
    help: 'Secret of the token named by PROXMOX_TOKEN_ID.',
    example: '12345678-90ab-cdef-1234-567890abcdef',
    secret: true,
  }),
  tokenSecretFile: option({
    group: 'Proxmox',
    env: ['PROXMOX_TOKEN_SECRET_FILE'],
    placeholder: 'file',
    schema: parsed(secretFile),
    fallback: 'none',
    help: 'File that holds the secret of the token named by PROXMOX_TOKEN_ID.',
    example: '/run/secrets/proxmox-token',
    secretFile: true,
  }),
  username: option({
    group: 'Proxmox',
    env: ['PROXMOX_USERNAME'],
    placeholder: 'user@realm',
    schema: text,
    fallback: 'none',
    help: 'User who logs in with PROXMOX_PASSWORD. A token is better: it can be limited and revoked.',
    example: 'mpc@pve',
  }),
  password: option({
    group: 'Proxmox',
    env: ['PROXMOX_PASSWORD'],
    placeholder: 'password',
    schema: text,
    fallback: 'none',
    help: 'Password of PROXMOX_USERNAME.',
    example: 'correct-horse-battery-staple',
    secret: true,
  }),
  caFile: option({
    group: 'Proxmox',
    env: ['PROXMOX_CA_FILE'],
    placeholder: 'file',
    schema: parsed(pemFile),
    fallback: "the CAs this machine's Node.js trusts",
    help: "CA certificate to trust: a copy of the cluster's /etc/pve/pve-root-ca.pem, which signs every node's certificate.",
    example: '/etc/proxmox-mpc/pve-root-ca.pem',
  }),
  fingerprint: option({
    group: 'Proxmox',
    env: ['PROXMOX_FINGERPRINT'],
    placeholder: 'AB:CD:...',
    schema: list(normaliseFingerprint),
    fallback: 'none',
    help: 'SHA-256 fingerprints of acceptable certificates, separated by commas; when given, they alone decide.',
    example: Array.from({ length: 32 }, (_, at) => (at + 160).toString(16).toUpperCase()).join(':'),
  }),
  insecure: option({
    group: 'Proxmox',
    env: ['PROXMOX_TLS_INSECURE'],
    placeholder: 'true|false',
    schema: yesOrNo,
    fallback: 'false',
    help: 'Accept any certificate. Whoever stands in between can then read the token; each start warns.',
    example: 'true',
  }),
  timeout: option({
    group: 'Proxmox',
    env: ['PROXMOX_MPC_TIMEOUT'],
    placeholder: 'seconds',
    schema: number(0.1, 600, { whole: false }),
    fallback: '10',
    help: 'Seconds a request may take.',
    example: '10',
  }),
  concurrency: option({
    group: 'Proxmox',
    env: ['PROXMOX_MPC_CONCURRENCY'],
    placeholder: 'number',
    schema: number(1, 64),
    fallback: '4',
    help: 'Requests sent at once.',
    example: '4',
  }),
  databaseUrl: option({
    group: 'Store',
    env: ['DATABASE_URL'],
    flag: 'database-url',
    placeholder: 'url',
    schema: parsed(databaseUrl),
    fallback: "proxmox-mpc.db in the user's data folder",
    help: 'Where the store is: `file:PATH` (SQLite) or `postgresql://user:password@host:5432/name`. With a password it is refused as a flag, which others could read.',
    example: 'file:/var/lib/proxmox-mpc/store.db',
    // It may hold a password.
    secret: true,
  }),
  databaseUrlFile: option({
    group: 'Store',
    env: ['DATABASE_URL_FILE'],
    placeholder: 'file',
    schema: parsed(path => databaseUrl(secretFile(path))),
    fallback: 'none',
    help: 'File that holds what DATABASE_URL would, where that has a password.',
    example: '/run/secrets/proxmox-mpc-database-url',
    secretFile: true,
  }),
  databaseProvider: option({
    group: 'Store',
    env: ['DATABASE_PROVIDER'],
    placeholder: 'sqlite|postgresql',
    schema: oneOf('sqlite', 'postgresql'),
    fallback: 'taken from DATABASE_URL',
    help: 'Engine of the store. Optional; it must agree with DATABASE_URL.',
    example: 'sqlite',
  }),
  maxConnections: option({
    group: 'Store',
    env: ['DATABASE_MAX_CONNECTIONS'],
    placeholder: 'number',
    schema: number(1, 100),
    fallback: '5',
    help: 'Connections to PostgreSQL at most. SQLite has one that reads and one that writes.',
    example: '5',
  }),
  autoMigrate: option({
    group: 'Store',
    env: ['DATABASE_AUTO_MIGRATE'],
    placeholder: 'true|false',
    schema: yesOrNo,
    fallback: 'true for SQLite, false for PostgreSQL',
    help: 'Bring the store to the schema of this version when it is opened; otherwise `proxmox-mpc db migrate` does.',
    example: 'true',
  }),
  databaseLogging: option({
    group: 'Store',
    env: ['ENABLE_DB_LOGGING'],
    placeholder: 'true|false',
    schema: yesOrNo,
    fallback: 'false',
    help: 'Log what the store does on stderr, by the level of DB_LOG_LEVEL.',
    example: 'true',
  }),
  databaseLogLevel: option({
    group: 'Store',
    env: ['DB_LOG_LEVEL'],
    placeholder: LOG_LEVELS.join('|'),
    schema: oneOf(...LOG_LEVELS),
    fallback: 'debug: every query with its duration',
    help: 'What ENABLE_DB_LOGGING shows.',
    example: 'info',
  }),
  historyDays: option({
    group: 'Store',
    env: ['PROXMOX_MPC_HISTORY_DAYS'],
    placeholder: 'days',
    schema: number(0, 36_500),
    fallback: '0: for ever',
    help: 'Days history is kept. The last state before the cut stays, so every kept moment stays exact.',
    example: '365',
  }),
  maxAge: option({
    group: 'Discovery',
    env: ['PROXMOX_MPC_MAX_AGE'],
    flag: 'max-age',
    placeholder: 'seconds',
    schema: number(0, YEAR_S),
    fallback: '30',
    help: 'Seconds what is known of the cluster stays fresh; older knowledge is refreshed before an answer.',
    example: '30',
  }),
  configMaxAge: option({
    group: 'Discovery',
    env: ['PROXMOX_MPC_CONFIG_MAX_AGE'],
    placeholder: 'seconds',
    schema: number(0, YEAR_S),
    fallback: '300',
    help: "Seconds a guest's configuration stays fresh when nothing points at a change of it.",
    example: '300',
  }),
  timeZone: option({
    group: 'Program',
    env: ['PROXMOX_MPC_TIMEZONE'],
    flag: 'timezone',
    placeholder: 'name',
    schema: parsed(timeZone),
    fallback: "the system's",
    help: 'IANA time zone in which times are read and shown.',
    example: 'Europe/Berlin',
  }),
  declaration: option({
    group: 'Program',
    env: ['PROXMOX_MPC_DECLARATION'],
    flag: 'declaration',
    placeholder: 'file',
    schema: parsed(path => resolve(expandHome(path))),
    fallback: 'none: `declare_state` keeps declarations in the store',
    help: 'YAML or JSON file that declares what should be; it then rules, and each change of it is recorded.',
    example: '/etc/proxmox-mpc/proxmox-mpc.yaml',
  }),
  logLevel: option({
    group: 'Program',
    env: ['PROXMOX_MPC_LOG_LEVEL'],
    flag: 'log-level',
    placeholder: LOG_LEVELS.join('|'),
    schema: oneOf(...LOG_LEVELS),
    fallback: '`info` for `serve` and `watch`, `warn` for commands',
    help: 'How much is logged on stderr.',
    example: 'debug',
  }),
};

/** The options by the names the program calls them. */
export type Options = typeof OPTIONS;
/** The value of each option that is set. */
export type OptionValues = {
  [Name in keyof Options]?: Options[Name] extends OptionDefinition<infer Value> ? Value : never;
};

/** The file that stands below flags and environment. It has no variable: it is where variables come from. */
export const ENV_FILE = {
  flag: 'env-file',
  placeholder: 'file',
  help: 'File with further variables, one NAME=value a line; flags and the environment come first.',
  example: '/etc/proxmox-mpc/env',
} as const;
