import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFolder, defaultDatabaseUrl } from '../../../src/config/data-folder.ts';
import { configurationMarkdown } from '../../../src/config/docs.ts';
import type { OptionDefinition } from '../../../src/config/option.ts';
import { OPTIONS, readConfig, requireConnection } from '../../../src/config.ts';
import { UsageError } from '../../../src/errors.ts';

const PLACE = { platform: 'linux' as const, env: {}, home: '/home/anna' };
const SECRET = 'c0ffee00-dead-beef-0000-5ecde7000000';
const read = (env: NodeJS.ProcessEnv, flags = {}) => readConfig({ flags, env }, PLACE);
const refusal = (env: NodeJS.ProcessEnv, flags = {}) => {
  try {
    read(env, flags);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxmox-mpc-config-'));
  writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  writeFileSync(join(folder, 'empty'), '\n');
  writeFileSync(join(folder, 'env'), 'PROXMOX_URL=https://from-file:8006\nPROXMOX_MPC_MAX_AGE=7\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('where nothing is set, the documented defaults hold', () => {
  expect(read({})).toEqual({
    urls: null,
    credentials: null,
    writing: null,
    tls: { ca: undefined, fingerprints: undefined, insecure: undefined },
    timeoutMs: 10_000,
    concurrency: 4,
    database: {
      url: 'file:/home/anna/.local/share/proxmox-mpc/proxmox-mpc.db',
      provider: undefined,
      backupFolder: '/home/anna/.local/share/proxmox-mpc',
      maxConnections: undefined,
      autoMigrate: undefined,
      logLevel: null,
    },
    maxAgeMs: 30_000,
    configMaxAgeMs: 300_000,
    onlyMine: false,
    historyDays: 0,
    idle: [],
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    logLevel: undefined,
  });
});

describe('addresses', () => {
  test.each([
    [{ PROXMOX_URL: 'https://pve1:8006' }, ['https://pve1:8006']],
    [{ PROXMOX_URL: ' https://pve1:8006 , https://pve2:8006,' }, ['https://pve1:8006', 'https://pve2:8006']],
    [{ PROXMOX_HOST: 'pve1' }, ['pve1']],
    [{ PROXMOX_HOST: 'pve1', PROXMOX_URL: 'https://pve2:8006' }, ['https://pve2:8006']],
    [{ PROXMOX_HOST: 'pve1', PROXMOX_URL: '' }, ['pve1']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts hand on
    [{ PROXMOX_URL: '${PROXMOX_URL}' }, null],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts hand on
    [{ PROXMOX_URL: '${env:PROXMOX_URL}' }, null],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts hand on
    [{ PROXMOX_URL: '${PROXMOX_URL:-}' }, null],
    [{ PROXMOX_URL: '  ' }, null],
  ])('$0 gives $1', (env, urls) => expect(read(env).urls).toEqual(urls));

  test('a flag comes before the environment, the environment before the file', () => {
    const flags = { 'env-file': join(folder, 'env') };
    expect(read({}, flags).urls).toEqual(['https://from-file:8006']);
    expect(read({ PROXMOX_URL: 'https://env:8006' }, flags).urls).toEqual(['https://env:8006']);
    expect(read({ PROXMOX_URL: 'https://env:8006' }, { ...flags, url: 'https://flag:8006' }).urls).toEqual([
      'https://flag:8006',
    ]);
    expect(read({}, flags).maxAgeMs).toBe(7000);
    expect(refusal({}, { 'env-file': '/no/such' })).toContain('--env-file "/no/such"');
  });

  test('what is half expanded is a fault, not an address', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what hosts hand on
    expect(refusal({ PROXMOX_URL: 'https://${HOST}:8006' })).toContain('nothing has expanded');
  });
});

describe('credentials', () => {
  const token = `mpc@pve!mpc=${SECRET}`;
  test.each([
    ['a token', { PROXMOX_TOKEN: token }, { token }],
    ['a token in parts', { PROXMOX_TOKEN_ID: 'mpc@pve!mpc', PROXMOX_TOKEN_SECRET: SECRET }, { token }],
    [
      'user and password',
      { PROXMOX_USERNAME: 'root@pam', PROXMOX_PASSWORD: ' a b ' },
      { username: 'root@pam', password: ' a b ' },
    ],
    ['a token beside a user', { PROXMOX_TOKEN: token, PROXMOX_USERNAME: 'root@pam' }, { token }],
  ])('%s is taken', (_name, env, credentials) => expect(read(env).credentials).toEqual(credentials));

  test('the secret of a token may stand in a file', () => {
    const env = { PROXMOX_TOKEN_ID: 'mpc@pve!mpc', PROXMOX_TOKEN_SECRET_FILE: join(folder, 'secret') };
    expect(read(env).credentials).toEqual({ token });
  });

  test.each([
    ['half a token', { PROXMOX_TOKEN_ID: 'mpc@pve!mpc' }, 'PROXMOX_TOKEN_SECRET'],
    ['a secret alone', { PROXMOX_TOKEN_SECRET: SECRET }, 'PROXMOX_TOKEN_ID'],
    ['a secret as a token', { PROXMOX_TOKEN: SECRET }, 'the token id goes before it'],
    ['a token with a colon', { PROXMOX_TOKEN: `mpc@pve!mpc:${SECRET}` }, "'='"],
    ['no realm', { PROXMOX_USERNAME: 'root', PROXMOX_PASSWORD: SECRET }, 'realm'],
    ['no password', { PROXMOX_USERNAME: 'root@pam' }, 'PROXMOX_PASSWORD'],
    ['no user', { PROXMOX_PASSWORD: SECRET }, 'PROXMOX_USERNAME'],
    [
      'two secrets',
      {
        PROXMOX_TOKEN_ID: 'a@pve!b',
        PROXMOX_TOKEN_SECRET: SECRET,
        PROXMOX_TOKEN_SECRET_FILE: '/etc/hostname',
      },
      'both set',
    ],
  ])('%s is refused, and no secret is shown', (_name, env, says) => {
    const message = refusal(env as NodeJS.ProcessEnv);
    expect(message).toContain(says);
    expect(message).not.toContain(SECRET);
  });
});

describe('writing', () => {
  const id = { PROXMOX_WRITE_TOKEN_ID: 'mcp@pve!write' };
  const token = `mcp@pve!write=${SECRET}`;
  const whole = { ...id, PROXMOX_WRITE_TOKEN_SECRET: SECRET };

  test('is off without a token of its own, whatever else is set', () => {
    const env = { PROXMOX_MPC_WRITE: 'power', PROXMOX_MPC_WRITE_ONLY: 'tag:x', PROXMOX_MPC_APPROVAL: 'host' };
    expect(read({ ...env, PROXMOX_TOKEN: `mpc@pve!mpc=${SECRET}` }).writing).toBeNull();
  });

  test('is of the least kinds, for every guest and after a person’s yes, where just a token is set', () => {
    const kinds = ['tags', 'notes', 'options'];
    const usual = { token, policy: { kinds, only: null }, approval: 'person' };
    expect(read(whole).writing).toEqual(usual);
    const secretFile = { ...id, PROXMOX_WRITE_TOKEN_SECRET_FILE: join(folder, 'secret') };
    expect(read(secretFile).writing).toEqual(usual);
    const empty = { PROXMOX_MPC_WRITE: '', PROXMOX_MPC_WRITE_ONLY: ' ', PROXMOX_MPC_APPROVAL: '' };
    expect(read({ ...whole, ...empty }).writing).toEqual(usual);
  });

  test.each([
    [{ PROXMOX_MPC_WRITE: 'Memory, cpu,memory,' }, { policy: { kinds: ['memory', 'cpu'], only: null } }],
    [{ PROXMOX_MPC_WRITE_ONLY: 'tag:Lab.1' }, { policy: { only: { tag: 'lab.1' } } }],
    [{ PROXMOX_MPC_WRITE_ONLY: 'POOL:Dev/web' }, { policy: { only: { pool: 'Dev/web' } } }],
    [{ PROXMOX_MPC_APPROVAL: 'HOST' }, { approval: 'host' }],
  ])('$0 means $1', (env, means) => {
    expect(read({ ...whole, ...env }).writing).toMatchObject(means);
  });

  test.each([
    [id, 'PROXMOX_WRITE_TOKEN_SECRET or PROXMOX_WRITE_TOKEN_SECRET_FILE is not: both are needed'],
    [{ PROXMOX_WRITE_TOKEN_SECRET: SECRET }, 'PROXMOX_WRITE_TOKEN_ID is not: both are needed'],
    [{ ...whole, PROXMOX_WRITE_TOKEN_SECRET_FILE: '/etc/hostname' }, 'are both set: keep one of them'],
    [{ ...id, PROXMOX_WRITE_TOKEN_SECRET_FILE: '/no/such' }, 'the file does not exist'],
    [
      { ...whole, PROXMOX_WRITE_TOKEN_ID: token },
      'holds more than the id of a token. Example: PROXMOX_WRITE_',
    ],
    [{ ...whole, PROXMOX_WRITE_TOKEN_ID: 'root@pam' }, "'USER@REALM!TOKENID' comes before the '='"],
    [
      { PROXMOX_MPC_WRITE: 'tags,disks' },
      'must be some of tags, notes, options, cpu, memory, network, power',
    ],
    [{ PROXMOX_MPC_WRITE: 'all' }, 'Example: PROXMOX_MPC_WRITE=tags,notes,options,memory'],
    [{ PROXMOX_MPC_WRITE: ',' }, 'holds no value'],
    [{ PROXMOX_MPC_WRITE_ONLY: 'lab' }, 'must be one tag or one pool, as in tag:lab or pool:dev'],
    [{ PROXMOX_MPC_WRITE_ONLY: 'tag:a,tag:b' }, 'must be one tag or one pool'],
    [{ PROXMOX_MPC_WRITE_ONLY: 'tag:' }, 'must be one tag or one pool'],
    [{ PROXMOX_MPC_WRITE_ONLY: 'tag:MPC-Locked' }, 'could never let anything be written'],
    [{ PROXMOX_MPC_APPROVAL: 'nobody' }, 'PROXMOX_MPC_APPROVAL "nobody": must be one of person, host'],
  ])('%o is refused before anything starts, and no secret is shown', (env, says) => {
    const message = refusal(env as NodeJS.ProcessEnv);
    expect(message).toContain(says);
    expect(message).not.toContain(SECRET);
  });
});

test.each([
  [
    { PROXMOX_MPC_TIMEOUT: 'soon' },
    'PROXMOX_MPC_TIMEOUT "soon": must be a number from 0.1 to 600. Example: PROXMOX_MPC_TIMEOUT=10',
  ],
  [{ PROXMOX_MPC_CONCURRENCY: '2.5' }, 'whole number from 1 to 64'],
  [{ PROXMOX_MPC_MAX_AGE: '-1' }, 'PROXMOX_MPC_MAX_AGE "-1"'],
  [{ PROXMOX_TLS_INSECURE: 'perhaps' }, 'must be true or false'],
  [{ PROXMOX_FINGERPRINT: 'AB:CD' }, 'is not a SHA-256 fingerprint'],
  [{ PROXMOX_CA_FILE: '/no/such.pem' }, 'PROXMOX_CA_FILE "/no/such.pem": the file does not exist'],
  [{ PROXMOX_MPC_TIMEZONE: 'Mars/Olympus' }, 'is no IANA time zone'],
  [{ PROXMOX_MPC_LOG_LEVEL: 'loud' }, 'must be one of debug, info'],
  [{ DATABASE_URL: `mysql://u:${SECRET}@h/x` }, 'names neither SQLite nor PostgreSQL'],
  [{ DATABASE_URL: 'file::memory:' }, 'names no file'],
  [{ DATABASE_PROVIDER: 'mysql' }, 'must be one of sqlite, postgresql'],
  [{ DATABASE_PROVIDER: 'postgresql' }, 'DATABASE_PROVIDER is postgresql, but DATABASE_URL is for sqlite'],
])('a bad value is refused with option, fault and example: %o', (env, says) => {
  const message = refusal(env);
  expect(message).toContain(says);
  expect(message).not.toContain(SECRET);
});

test('all faults are told at once', () => {
  expect(
    refusal({ PROXMOX_MPC_TIMEOUT: 'x', PROXMOX_TOKEN: 'y', DATABASE_URL: 'z' }).split('\n'),
  ).toHaveLength(3);
});

test('what is given is what is used', () => {
  const config = read({
    PROXMOX_CA_FILE: join(folder, 'ca.pem'),
    PROXMOX_FINGERPRINT: `${'ab'.repeat(32)},${'CD:'.repeat(31)}CD`,
    PROXMOX_TLS_INSECURE: 'yes',
    PROXMOX_MPC_TIMEOUT: '2.5',
    DATABASE_URL: 'postgresql://u:p@h:5432/x',
    DATABASE_MAX_CONNECTIONS: '9',
    DATABASE_AUTO_MIGRATE: 'true',
    ENABLE_DB_LOGGING: 'true',
    DB_LOG_LEVEL: 'info',
    PROXMOX_MPC_HISTORY_DAYS: '365',
    PROXMOX_MPC_TIMEZONE: 'Europe/Berlin',
    PROXMOX_MPC_LOG_LEVEL: 'DEBUG',
  });
  expect(config.tls.ca).toContain('BEGIN CERTIFICATE');
  expect(config.tls.fingerprints).toEqual([`${'AB:'.repeat(31)}AB`, `${'CD:'.repeat(31)}CD`]);
  expect(config).toMatchObject({
    timeoutMs: 2500,
    historyDays: 365,
    timeZone: 'Europe/Berlin',
    logLevel: 'debug',
  });
  expect(config.database).toEqual({
    url: 'postgresql://u:p@h:5432/x',
    provider: undefined,
    backupFolder: '/home/anna/.local/share/proxmox-mpc',
    maxConnections: 9,
    autoMigrate: true,
    logLevel: 'info',
  });
});

test('what asks Proxmox needs an address and something to log in with', () => {
  expect(() => requireConnection(read({}))).toThrow(/PROXMOX_URL is not set/);
  expect(() => requireConnection(read({ PROXMOX_URL: 'https://pve1:8006' }))).toThrow(
    /PROXMOX_TOKEN is not set/,
  );
});

test.each([
  [{ platform: 'linux', env: {}, home: '/home/a' }, 'file:/home/a/.local/share/proxmox-mpc/proxmox-mpc.db'],
  [
    { platform: 'linux', env: { XDG_DATA_HOME: '/data' }, home: '/home/a' },
    'file:/data/proxmox-mpc/proxmox-mpc.db',
  ],
  [
    { platform: 'linux', env: { XDG_DATA_HOME: 'data' }, home: '/home/a' },
    'file:/home/a/.local/share/proxmox-mpc/proxmox-mpc.db',
  ],
  [
    { platform: 'darwin', env: {}, home: '/Users/a' },
    'file:/Users/a/Library/Application Support/proxmox-mpc/proxmox-mpc.db',
  ],
  [
    { platform: 'win32', env: { LOCALAPPDATA: 'C:\\L' }, home: 'C:\\a' },
    'file:C:\\L\\proxmox-mpc\\proxmox-mpc.db',
  ],
  [{ platform: 'win32', env: {}, home: 'C:\\a' }, 'file:C:\\a\\AppData\\Local\\proxmox-mpc\\proxmox-mpc.db'],
] as const)('the store is in the data folder of the system: %o', (place, url) => {
  expect(defaultDatabaseUrl(place)).toBe(url);
  expect(url).toContain(dataFolder(place));
});

test('every option is documented, and no secret has a flag', () => {
  const text = configurationMarkdown();
  for (const { env, flag, secret, schema, example } of Object.values(OPTIONS) as OptionDefinition[]) {
    for (const name of env) expect(text).toContain(`\`${name}\``);
    if (secret && env[0] !== 'DATABASE_URL') expect(flag).toBeUndefined();
    if (!/FILE/.test(env[0]!)) expect(schema.safeParse(example).success, env[0]).toBe(true);
  }
});

test('a secret in the wrong place is not repeated', () => {
  for (const [name, value] of [
    ['PROXMOX_USERNAME', 'root:canaryA1'],
    ['PROXMOX_MPC_LOG_LEVEL', 'password: canaryA1'],
  ] as const) {
    const faults = refusal({ PROXMOX_URL: 'https://pve1:8006', PROXMOX_PASSWORD: 'x', [name]: value });
    expect(faults).toContain(name);
    expect(faults).not.toContain('canary');
  }
});

test('answers are narrowed to the own token where a store may be shared, unless told otherwise', () => {
  const postgresql = { DATABASE_URL: 'postgresql://host/name' };
  expect(read(postgresql).onlyMine).toBe(true);
  expect(read({ ...postgresql, PROXMOX_MPC_ONLY_MINE: 'false' }).onlyMine).toBe(false);
  expect(read({ PROXMOX_MPC_ONLY_MINE: 'true' }).onlyMine).toBe(true);
});
