import { setTimeout as delay } from 'node:timers/promises';
import { prompts } from '../../prompts/index.ts';
import { resources } from '../../resources/index.ts';
import { describeError } from '../errors.ts';
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

/** How long a signal waits for the answers in flight (ms). */
const GRACE_MS = 5_000;
/** Closing may wait for a request that hangs, but not longer than this (ms). */
const CLOSE_MS = 3_000;

/** Serves MCP on stdio until the input ends or `signal` fires, and closes what was opened. */
export async function serve(
  runtime: Runtime,
  { version, pollSeconds, signal, packageRoot }: ServeSettings,
): Promise<void> {
  const { log, runner, config } = runtime;
  const { timeZone } = config;
  const done = new AbortController();
  log.info(
    `proxmox-mpc ${version} serves ${runtime.demo ? 'a simulated cluster' : config.urls?.join(', ')} on stdio`,
  );
  // The demo's cluster starts at once; a real cluster is first asked when somebody asks us.
  if (runtime.demo)
    void runtime.open().catch(error => log.error('the demo did not start', { error: describeError(error) }));
  // What an earlier process left unknown is settled, and the token that writes looked at, before anybody asks.
  if (config.writing !== null && !runtime.demo)
    void runtime
      .open()
      .then(({ applying }) => applying?.start())
      .catch(error => log.warn('writing did not start', { error: describeError(error) }));
  const polling = pollSeconds === undefined ? null : watch(runtime, pollSeconds, done.signal);
  await Promise.race([
    serveStdio({ runner, resources, prompts, apps: apps(packageRoot), version, timeZone, log, signal }),
    aborted(signal).then(() => delay(GRACE_MS)),
  ]);
  done.abort();
  await Promise.race([Promise.all([polling, runtime.close()]), delay(CLOSE_MS)]);
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise;
}
