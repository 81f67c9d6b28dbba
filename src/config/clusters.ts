import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { parseDocument } from 'yaml';
import { faultOfName } from '../clusters/names.ts';
import { parseTarget, placeOf } from '../database/options.ts';
import { errorCode, UsageError } from '../errors.ts';
import { quoted } from '../text/cluster-text.ts';
import { dataFolder, type Place } from './data-folder.ts';
import { expandHome, secretFile } from './formats.ts';
import { OPTION_LIST } from './options.ts';

/** Environment variables for a single cluster: with a file of clusters, only its own options count. */
const OF_ONE_CLUSTER = OPTION_LIST.filter(({ group }) => ['Proxmox', 'Writing', 'Store'].includes(group))
  .filter(({ env }) => !/TIMEOUT|CONCURRENCY|LOGGING|LOG_LEVEL|HISTORY_DAYS/.test(env[0]!))
  .flatMap(({ env }) => env)
  .concat('PROXMOX_MPC_DECLARATION');
/** Every option by its name in the file: `PROXMOX_URL` is `url`, `PROXMOX_MPC_TIMEOUT` `timeout`. */
const KEYS = new Map(
  OPTION_LIST.flatMap(({ env }) =>
    env
      .filter(name => name !== 'PROXMOX_MPC_CONFIG')
      .flatMap(name => {
        const long = name.replace(/^PROXMOX_/, '').toLowerCase();
        return [long, long.replace(/^mpc_/, '')].map(key => [key, name] as const);
      }),
  ),
);

/**
 * The clusters in a YAML or JSON file, each as the environment it would have if configured alone. Paths are relative to the file;
 * without a store of its own, a cluster gets one named after it in the user's data folder.
 * @throws UsageError naming each fault; never a value
 */
export function readClusters(
  path: string,
  env: NodeJS.ProcessEnv,
  place: Place,
): Map<string, NodeJS.ProcessEnv> {
  const faults: string[] = [];
  const shared = Object.fromEntries(
    Object.entries(env).filter(([name]) => !OF_ONE_CLUSTER.includes(name) && name !== 'PROXMOX_MPC_CONFIG'),
  );
  const clusters = new Map<string, NodeJS.ProcessEnv>();
  for (const [name, options] of Object.entries(clustersIn(path))) {
    const wrong = faultOfName(name);
    if (wrong !== undefined) faults.push(`clusters.${name.slice(0, 60)}: the name ${wrong}.`);
    else clusters.set(name, { ...shared, ...environmentOf(name, options, { path, place, faults }) });
  }
  const stores = [...clusters.values()].map(storeOf);
  if (new Set(stores).size < stores.length)
    faults.push(
      'Two clusters have one store: each needs a database_url of its own, such as a file, or a schema of one database (`?schema=lab`).',
    );
  if (clusters.size === 0 && faults.length === 0) faults.push('It names no cluster.');
  if (faults.length > 0)
    throw new UsageError(`PROXMOX_MPC_CONFIG (${path}): ${faults.join('\n')}`, {
      hint: 'Example:\nclusters:\n  home:\n    url: https://pve1:8006\n    token_id: mpc@pve!mpc\n    token_secret_file: home.secret',
    });
  return clusters;
}

/**
 * The place of a store, which two clusters must not share; an address that cannot be read is reported when the options are read.
 */
function storeOf(env: NodeJS.ProcessEnv): string {
  const { DATABASE_URL: url, DATABASE_URL_FILE: file } = env;
  try {
    return placeOf(parseTarget({ url: url ?? secretFile(file ?? '') }));
  } catch {
    return `${url ?? file}`;
  }
}

function clustersIn(path: string): { [name: string]: unknown } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`PROXMOX_MPC_CONFIG: ${path} cannot be read (${errorCode(error)}).`, {
      hint: '`proxmox-mpc init --cluster home` makes one.',
    });
  }
  const { clusters } = (contentOf(text, path) ?? {}) as { clusters?: unknown };
  if (clusters === null || typeof clusters !== 'object' || Array.isArray(clusters))
    throw new UsageError(`PROXMOX_MPC_CONFIG: ${path} has no clusters.`, {
      hint: 'It begins with `clusters:`, and under it a name for each.',
    });
  return clusters as { [name: string]: unknown };
}

/** The plain values of a text. No error or warning may quote a line of it, which may contain a secret. */
function contentOf(text: string, path: string): unknown {
  const document = parseDocument(text, { logLevel: 'error' });
  // An unknown tag, such as `!secret`, would leave its word as the value.
  const [fault] = [...document.errors, ...document.warnings];
  const refused = (where: string) =>
    new UsageError(`PROXMOX_MPC_CONFIG: ${path} is no YAML or JSON${where}.`);
  const place = fault?.linePos?.[0];
  if (fault !== undefined)
    throw refused(place === undefined ? '' : ` at line ${place.line}, column ${place.col}`);
  try {
    return document.toJS();
  } catch {
    throw refused(': it repeats itself too often');
  }
}

function environmentOf(
  cluster: string,
  options: unknown,
  { path, place, faults }: { path: string; place: Place; faults: string[] },
): NodeJS.ProcessEnv {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    faults.push(`clusters.${cluster}: it needs options, such as url and token_id.`);
    return {};
  }
  const env: NodeJS.ProcessEnv = {};
  for (const [key, value] of Object.entries(options)) {
    const name = KEYS.get(key.toLowerCase());
    if (name === undefined) faults.push(`clusters.${cluster}: there is no option ${quoted(key, 60)}.`);
    else if (value !== null && typeof value === 'object' && !Array.isArray(value))
      faults.push(`clusters.${cluster}.${key}: it must be a value.`);
    else if (value !== null) env[name] = absolute(name, String(value), dirname(path));
  }
  if (env['DATABASE_URL'] === undefined && env['DATABASE_URL_FILE'] === undefined)
    env['DATABASE_URL'] = `file:${join(dataFolder(place), `proxmox-mpc-${cluster}.db`)}`;
  return env;
}

/** Paths are relative to the file, whatever folder a host starts the server in. */
function absolute(name: string, value: string, folder: string): string {
  const against = (path: string) => (isAbsolute(expandHome(path)) ? expandHome(path) : join(folder, path));
  if (name === 'DATABASE_URL')
    return value.startsWith('file:') && !value.startsWith('file://')
      ? `file:${against(value.slice('file:'.length))}`
      : value;
  return /_FILE$|DECLARATION$/.test(name) ? against(value) : value;
}
