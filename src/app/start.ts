import { toolsThatWrite } from '../../tools/index.ts';
import { clusterText } from '../answers/format/text.ts';
import { EXIT } from '../cli/exit.ts';
import type { Flags, Host, Output } from '../cli/host.ts';
import { runProgram } from '../cli/program.ts';
import { liveLine } from '../cli/render/live.ts';
import { terminalText } from '../cli/render/terminal-text.ts';
import { ownTerminal } from '../cli/terminal.ts';
import { withCluster } from '../config/clusters-file.ts';
import { refuseSecrets } from '../config/command-line.ts';
import { OPTION_LIST } from '../config/options.ts';
import type { Sources } from '../config/sources.ts';
import { type Config, ENV_FILE, readConfig, requireConnection, secretFiles } from '../config.ts';
import { UsageError } from '../errors.ts';
import { createLog, type Log, type LogLevel } from '../log.ts';
import { configuredClusters, createClusterRuntimes, isAlone, servedAlone, sourcesOfOne } from './clusters.ts';
import { warnOfIdleOptions } from './idle-options.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Served } from './serve.ts';
import { ownShell, type Shell, type Sink } from './shell.ts';
import { thisPerson } from './this-person.ts';
import { packageVersion } from './version.ts';

/** Composes the program and runs one command line. Resolves to the exit code. */
export async function start(
  argv: readonly string[],
  packageRoot: string,
  shell: Shell = ownShell(),
): Promise<number> {
  const host = createHost(packageRoot, shell);
  const alone = argv.length === 0 && shell.stdin.isTTY === true;
  return runProgram(alone ? ['--help'] : argv, host);
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a factory: what it makes shares its state, and none of its functions is long
function createHost(packageRoot: string, shell: Shell): Host {
  const version = packageVersion(packageRoot);
  const { env, stdout } = shell;
  const terminal = ownTerminal(shell);
  const io = output(shell);
  let living: Log | null = null;
  /** The reader of our output is gone: nothing can be reported any more. */
  const leave = () => shell.exit(EXIT.ok);
  stdout.on('error', leave);
  shell.survive((failure, stack) => {
    const said = clusterText(failure, 500);
    if (living !== null)
      living.error('a failure that nobody awaited', { error: said, at: clusterText(stack, 500) });
    else {
      io.note(`Something failed that should not have: ${said}\n`);
      shell.exit(EXIT.failed);
    }
  });
  const prepare = (flags: Flags, level: LogLevel, demo = flags['demo'] === true): Runtime => {
    const config = configOf({ flags, env }, demo);
    const log = logTo(io, config.logLevel ?? level);
    if (!demo) warnOfIdleOptions([config], log);
    return createRuntime({
      config,
      demo,
      packageRoot,
      log,
      secretFiles: demo ? [] : secretFiles(sourcesOfOne({ flags, env })),
    });
  };
  /** All clusters of the file if it has several, otherwise the only one. */
  const prepareAll = (flags: Flags, level: LogLevel, demo = flags['demo'] === true): Served => {
    const sources = { flags, env };
    const clusters = demo || isAlone(sources) ? null : configuredClusters(sources);
    if (clusters === null) return servedAlone(prepare(flags, level, demo));
    const log = logTo(io, clusters.all[0]!.config.logLevel ?? level);
    warnOfIdleOptions(
      clusters.all.map(({ config }) => config),
      log,
    );
    return createClusterRuntimes(clusters, packageRoot, log);
  };
  return {
    version,
    tools: toolsThatWrite,
    flags: flagHelp(),
    refuseSecrets,
    output: io,
    serve: async (flags, { poll, demoUnlessConfigured }) => {
      const demo = flags['demo'] === true || (demoUnlessConfigured && !isConfigured({ flags, env }));
      const served = prepareAll(flags, 'info', demo);
      living = served.runtimes[0].log;
      const { serve } = await import('./serve.ts');
      // The server has a store to close first, and ends by itself.
      stdout.on('error', () => {}).off('error', leave);
      await shell.keepHeapSmall();
      await serve(served, { version, pollSeconds: poll, signal: shell.untilSignal(), packageRoot, shell });
    },
    watch: async (flags, { every }) => {
      const { runtimes, close } = prepareAll(flags, 'info');
      living = runtimes[0].log;
      const { watch } = await import('./watch.ts');
      await shell.keepHeapSmall();
      const signal = shell.untilSignal();
      await Promise.all(runtimes.map(runtime => watch(runtime, every, signal)));
      await close();
    },
    session: async flags => prepareAll(flags, 'warn'),
    report: async (flags, request) => {
      const runtime = prepare(flags, 'warn');
      const { report } = await import('./report.ts');
      try {
        return await report(runtime, request, { packageRoot, version });
      } finally {
        await runtime.close();
      }
    },
    clients: async flags => {
      const runtime = prepare(flags, 'warn');
      const clients = await runtime.clients();
      const close = async () => {
        for (const { client, writes } of clients) {
          client.close();
          writes?.client.close();
        }
        await runtime.close();
      };
      return { clients, close };
    },
    store: async flags => {
      if (flags['demo'] === true)
        throw new UsageError('--demo has a store of its own that needs no maintenance.');
      const config = configOf({ flags, env }, false, false);
      const { storeOptions } = await import('./store-options.ts');
      const log = logTo(io, config.logLevel ?? 'warn');
      return {
        options: storeOptions(config, packageRoot, log),
        historyDays: config.historyDays,
        timeZone: config.timeZone,
        secretFiles: secretFiles(sourcesOfOne({ flags, env })),
      };
    },
    adoption: async flags => {
      if (flags['demo'] === true)
        throw new UsageError('--demo has a store of its own that needs no maintenance.');
      const runtime = prepare(flags, 'warn');
      const { examineCluster, adoptCluster } = await import('../discovery/index.ts');
      const { store, client } = await runtime.open();
      return {
        examine: () => examineCluster(store, client, Date.now),
        adopt: adoption => adoptCluster(store, adoption),
        close: () => runtime.close(),
      };
    },
    approving: async flags => {
      if (flags['demo'] === true)
        throw new UsageError('--demo has a store of its own, and no plans to approve.');
      const config = configOf({ flags, env }, false, false);
      const [{ storeOptions }, { openApproving }] = await Promise.all([
        import('./store-options.ts'),
        import('./approving.ts'),
      ]);
      const log = logTo(io, config.logLevel ?? 'warn');
      return openApproving(storeOptions(config, packageRoot, log), {
        timeZone: config.timeZone,
        person: thisPerson(),
        now: Date.now,
      });
    },
    seed: async flags => {
      const { seed } = await import('./seed.ts');
      const config = configOf({ flags, env }, false, false);
      await seed(config, packageRoot, logTo(io, config.logLevel ?? 'info'));
    },
    setup: async flags => {
      if (flags['demo'] === true)
        throw new UsageError('--demo needs no setting up.', { hint: 'Try it: proxmox-mpc list-vms --demo' });
      return (await import('./setup.ts')).readSetup(flags, env);
    },
    clusterText: withCluster,
    place: async () => (await import('./setup.ts')).readPlace(packageRoot, env),
    terminal,
    confirm: async question =>
      terminal !== null && /^y(es)?$/i.test(await terminal.ask(`${question} [y/N] `)),
    lines: () => linesOf(shell),
  };
}

async function* linesOf({ stdin }: Shell): AsyncGenerator<string> {
  const { createInterface } = await import('node:readline');
  yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
}

const CLUSTER_FLAG = {
  flag: 'cluster',
  placeholder: 'name',
  help: 'of several clusters (PROXMOX_MPC_CONFIG) this one; for init the one to add',
};

/** Whether any cluster is configured. */
function isConfigured(sources: Sources): boolean {
  return configuredClusters(sources) !== null || readConfig(sources).urls !== null;
}

/** The configuration, complete if Proxmox will be asked. @throws UsageError */
function configOf(sources: Sources, demo: boolean, connects = !demo): Config {
  if (demo && sources.flags['database-url'] !== undefined) {
    throw new UsageError('--demo has a store of its own: leave out --database-url.');
  }
  const config = readConfig(demo ? sources : sourcesOfOne(sources));
  return connects ? requireConnection(config) : config;
}

function flagHelp(): Host['flags'] {
  const flags = OPTION_LIST.flatMap(({ flag, placeholder, help, env, fallback }) =>
    flag === undefined
      ? []
      : [{ flag, placeholder, help: `${help} (${env[0]}; default: ${fallback.replaceAll('`', '')})` }],
  );
  return [...flags, ENV_FILE, CLUSTER_FLAG];
}

function output({ env, stdout, stderr }: Shell): Output {
  const live = liveLine(stderr, env);
  const above = (stream: Sink) => (text: string) => {
    live?.clear();
    stream.write(terminalText(text));
  };
  return {
    out: above(stdout),
    note: above(stderr),
    width: stdout.isTTY ? (stdout.columns ?? null) : null,
    live,
  };
}

function logTo({ note }: Output, level: LogLevel): Log {
  return createLog(level, note);
}
