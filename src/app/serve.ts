import { setTimeout as delay } from 'node:timers/promises';
import { prompts } from '../../prompts/index.ts';
import { resources } from '../../resources/index.ts';
import { describeError } from '../errors.ts';
import type { PromptDefinition } from '../mcp/define/prompt.ts';
import type { ResourceDefinition } from '../mcp/define/resource.ts';
import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import { serveStdio } from '../mcp/server/server.ts';
import { apps } from './pages.ts';
import type { Runtime } from './runtime.ts';
import { watch } from './watch.ts';

/** Options of `serve` beside the parts it serves with. */
export interface ServeSettings {
  version: string;
  /** Interval of the discoveries made meanwhile (seconds). */
  pollSeconds: number | undefined;
  /** Ends the server as the end of input does. */
  signal: AbortSignal;
  /** Where dist/ lies. */
  packageRoot: string;
}

/** What is served: one cluster's runtime, or those of several behind one runner. */
export interface Served {
  runner: ToolRunner;
  runtimes: readonly [Runtime, ...Runtime[]];
  resources(definitions: readonly ResourceDefinition[]): readonly ResourceDefinition[];
  prompts(definitions: readonly PromptDefinition[]): readonly PromptDefinition[];
  close(): Promise<void>;
}

/** How long a signal waits for the answers in flight (ms). */
const GRACE_MS = 5_000;
/** Closing may wait for a request that hangs, but not longer than this (ms). */
const CLOSE_MS = 3_000;

/** Serves MCP on stdio until the input ends or `signal` fires, and closes what was opened. */
export async function serve(
  { runner, runtimes, resources: served, prompts: offered, close }: Served,
  { version, pollSeconds, signal, packageRoot }: ServeSettings,
): Promise<void> {
  const [{ log, config }] = runtimes;
  const done = new AbortController();
  const what = runtimes.map(({ demo, config: { urls } }) =>
    demo ? 'a simulated cluster' : urls?.join(', '),
  );
  log.info(`proxmox-mpc ${version} serves ${what.join(' and ')} on stdio`);
  for (const runtime of runtimes) begin(runtime);
  const polling =
    pollSeconds === undefined ? [] : runtimes.map(runtime => watch(runtime, pollSeconds, done.signal));
  await Promise.race([
    serveStdio({
      runner,
      resources: served(resources),
      prompts: offered(prompts),
      apps: apps(packageRoot),
      version,
      timeZone: config.timeZone,
      log,
      signal,
    }),
    aborted(signal).then(() => delay(GRACE_MS)),
  ]);
  done.abort();
  await Promise.race([Promise.all([...polling, close()]), delay(CLOSE_MS)]);
}

/** What is done before anybody asks; all else waits for that. */
function begin({ demo, config, log, open }: Runtime): void {
  // The demo's cluster starts at once; a real cluster is first asked when somebody asks us.
  if (demo) void open().catch(error => log.error('the demo did not start', { error: describeError(error) }));
  // What an earlier process left unknown is settled, and the token that writes looked at.
  if (config.writing !== null && !demo)
    void open()
      .then(({ applying }) => applying?.start())
      .catch(error => log.warn('writing did not start', { error: describeError(error) }));
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise;
}
