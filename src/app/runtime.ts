import { toolsFor } from '../../tools/index.ts';
import type { AddressClients } from '../cli/host.ts';
import { type Config, type ConnectedConfig, requireConnection, type WritingConfig } from '../config.ts';
import type { DatabaseStore } from '../database/index.ts';
import type { Discovery } from '../discovery/index.ts';
import { describeError } from '../errors.ts';
import { type Log, noLog } from '../log.ts';
import type { Applying } from '../mcp/define/applying.ts';
import type { ReadTaskLog } from '../mcp/define/tool.ts';
import { createToolRunner, type Opened, type ToolRunner } from '../mcp/runner/tool-runner.ts';
import type { ReadUsage } from '../model/usage.ts';
import { exposuresOf, exposureText } from '../private-file.ts';
import type { ProxmoxClient } from '../proxmox/index.ts';
import type { OpenApplying } from './applying.ts';
import { declaredFile } from './declared-file.ts';
import type { Demo } from './demo.ts';
import { thisPerson } from './this-person.ts';

/** The parts that reach outside, once they are open. */
export interface OpenParts {
  store: DatabaseStore;
  client: ProxmoxClient;
  discovery: Discovery;
  taskLog: ReadTaskLog;
  readUsage: ReadUsage;
  /** Null if nothing is ever written. */
  applying: OpenApplying | null;
  /** Narrows answers to what the token may see; null if they may show everything in the store. */
  onlyMine: ((opened: Opened) => Promise<Opened>) | null;
}

/** The composition of one process. No database or HTTP code is loaded before the first `open`. */
export interface Runtime {
  config: Config;
  demo: boolean;
  log: Log;
  runner: ToolRunner;
  /** Opens store, client and discovery, once for all callers. A failed opening is tried again at the next call. */
  open(): Promise<OpenParts>;
  /** A client for each address, to look at them one by one. The caller closes them. */
  clients(): Promise<AddressClients[]>;
  /** Lets writes finish and closes everything. */
  close(): Promise<void>;
}

/** The settings of a process. */
export interface RuntimeOptions {
  /** Complete unless `demo`. */
  config: Config;
  /** Use the simulated cluster with a store of its own. */
  demo: boolean;
  /** The folder of prisma/ and the schema engine. */
  packageRoot: string;
  log: Log;
  /** Files that secrets were read from, to warn if others may read them. */
  secretFiles?: string[];
}

/** Composes the parts. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a factory: what it makes shares its state, and none of its functions is long
export function createRuntime({ config, demo, packageRoot, log, secretFiles = [] }: RuntimeOptions): Runtime {
  const closing = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  let simulated: Promise<Demo> | null = null;
  let parts: Promise<OpenParts> | null = null;
  let now: () => number = Date.now;
  // A simulated cluster cannot use a token of another one.
  const writing = demo ? null : config.writing;

  const cluster = async (): Promise<ConnectedConfig> => {
    if (!demo) return requireConnection(config);
    simulated ??= import('./demo.ts').then(({ startDemo }) => startDemo(config, packageRoot, log));
    const { connection, clock } = await simulated;
    now = clock;
    return connection;
  };

  const openParts = async (): Promise<OpenParts> => {
    const [
      connection,
      { openStore },
      { createDiscovery, createUsageReader },
      { storeOptions },
      { createTaskLog },
    ] = await Promise.all([
      cluster(),
      import('../database/index.ts'),
      import('../discovery/index.ts'),
      import('./store-options.ts'),
      import('./task-log.ts'),
    ]);
    closing.signal.throwIfAborted();
    for (const one of await exposuresOf(secretFiles)) log.warn(exposureText(one));
    const store = await openStore({ ...storeOptions(connection, packageRoot, log), now: () => now() });
    closers.push(() => store.close());
    const client = await connect(connection, connection.urls, log, () => now());
    closers.push(() => client.close());
    const discovery = createDiscovery({
      store,
      client,
      log,
      configMaxAgeMs: config.configMaxAgeMs,
      now: () => now(),
    });
    closers.push(() => discovery.close());
    if (simulated !== null) await (await simulated).begin(discovery, closing.signal);
    const readUsage = createUsageReader({ store, client, now: () => now() });
    const taskLog = createTaskLog(client);
    const onlyMine =
      config.onlyMine && !demo
        ? (await import('./only-mine.ts')).createOnlyMine(connection, client, () => now())
        : null;
    const parts = { store, client, discovery, taskLog, readUsage, onlyMine };
    if (writing === null) return { ...parts, applying: null };
    const { openApplying } = await import('./applying.ts');
    const applying = openApplying({ store, client, discovery, connection, writing, now: () => now(), log });
    closers.push(() => applying.close());
    return { ...parts, applying };
  };
  const open = () => {
    parts ??= openParts().catch(async error => {
      parts = null;
      await shut();
      throw error;
    });
    return parts;
  };
  /** In reverse order, so that discovery ends its writing before the store closes. */
  const shut = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      await Promise.resolve(close()).catch(error =>
        log.warn('not closed cleanly', { error: describeError(error) }),
      );
    }
  };

  const runner = createToolRunner({
    open: async () => {
      const opened = await open();
      return opened.onlyMine === null ? opened : opened.onlyMine(opened);
    },
    tools: toolsFor({ writes: writing !== null }),
    applying: writing === null ? undefined : lazily(writing, open),
    maxAgeMs: config.maxAgeMs,
    configMaxAgeMs: config.configMaxAgeMs,
    timeZone: config.timeZone,
    declaredFile: config.declaration === undefined ? undefined : declaredFile(config.declaration),
    person: thisPerson(),
    now: () => now(),
    log,
  });
  return {
    config,
    demo,
    log,
    runner,
    open,
    clients: async () => {
      const connection = await cluster();
      const clients = connection.urls.map(async url => ({
        url,
        client: await connect(connection, [url], log, () => now()),
        writes: writing === null ? null : await writesAt(connection, writing, url, () => now()),
      }));
      return Promise.all(clients);
    },
    close: async () => {
      closing.abort(new Error('the program is ending'));
      await parts?.catch(() => null);
      await shut();
      await (await simulated?.catch(() => null))?.close();
    },
  };
}

/** Carries out plans, with its parts opened at the first one. */
function lazily({ approval, policy }: WritingConfig, open: Runtime['open']): Applying {
  const opened = async () => (await open()).applying!;
  return {
    approval,
    only: policy.only,
    obstacles: async (plan, guests) => (await opened()).obstacles(plan, guests),
    apply: async order => (await opened()).apply(order),
  };
}

/** A client with the token for writing; it only reads. */
async function writesAt(
  connection: ConnectedConfig,
  { token, policy }: WritingConfig,
  url: string,
  now: () => number,
): Promise<AddressClients['writes']> {
  return { policy, client: await connect({ ...connection, credentials: { token } }, [url], noLog, now) };
}

async function connect(
  { tls, credentials, timeoutMs, concurrency }: ConnectedConfig,
  urls: string[],
  log: Log,
  now: () => number,
): Promise<ProxmoxClient> {
  if (tls.insecure && !tls.fingerprints) {
    log.warn('PROXMOX_TLS_INSECURE is set: whoever answers at PROXMOX_URL gets the credentials');
  }
  const { createProxmoxClient } = await import('../proxmox/index.ts');
  return createProxmoxClient({ urls, credentials, tls, timeoutMs, concurrency, log, now });
}
