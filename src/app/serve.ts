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
import type { Shell } from './shell.ts';
import { watch } from './watch.ts';

/** Settings of `serve` besides the parts it serves. */
export interface ServeSettings {
  version: string;
  /** Interval of background discoveries (seconds). */
  pollSeconds: number | undefined;
  /** Ends the server like the end of input. */
  signal: AbortSignal;
  /** The folder of dist/. */
  packageRoot: string;
  /** What the client writes to and reads. */
  shell: Pick<Shell, 'stdin' | 'stdout'>;
}

/** What is served: one cluster's runtime, or several behind one runner. */
export interface Served {
  runner: ToolRunner;
  runtimes: readonly [Runtime, ...Runtime[]];
  resources(definitions: readonly ResourceDefinition[]): readonly ResourceDefinition[];
  prompts(definitions: readonly PromptDefinition[]): readonly PromptDefinition[];
  close(): Promise<void>;
}

/** How long a signal waits for answers in flight (ms). */
const GRACE_MS = 5_000;
/** Closing waits at most this long for a request that hangs (ms). */
const CLOSE_MS = 3_000;

/** Serves MCP on stdio until the input ends or `signal` fires, and closes what was opened. */
export async function serve(
  { runner, runtimes, resources: served, prompts: offered, close }: Served,
  { version, pollSeconds, signal, packageRoot, shell: { stdin, stdout } }: ServeSettings,
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
      stdin,
      stdout,
    }),
    aborted(signal).then(() => delay(GRACE_MS)),
  ]);
  done.abort();
  await Promise.race([Promise.all([...polling, close()]), delay(CLOSE_MS)]);
}

/** What is opened before the first request; everything else waits for one. */
function begin({ demo, config, log, open }: Runtime): void {
  // The demo's cluster starts at once; a real cluster is first asked for a request.
  if (demo) void open().catch(error => log.error('the demo did not start', { error: describeError(error) }));
  // Settle what an earlier process left unknown, and check the token for writing.
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
