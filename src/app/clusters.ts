import { resolve } from 'node:path';
import { clustersMeant } from '../clusters/names.ts';
import { clusterPrompts } from '../clusters/prompts.ts';
import { clusterResources } from '../clusters/resources.ts';
import { createClustersRunner } from '../clusters/runner.ts';
import { readClusters } from '../config/clusters.ts';
import { thisPlace } from '../config/data-folder.ts';
import { expandHome } from '../config/formats.ts';
import { type Sources, wholeEnvironment, writtenOptions } from '../config/sources.ts';
import { type Config, ENV_FILE, readConfig, requireConnection, secretFiles } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Served } from './serve.ts';

/** One cluster of a file, as if configured alone. */
export interface ConfiguredCluster {
  name: string;
  config: Config;
  sources: Sources;
}

/**
 * The clusters in the file that the environment names, or only those chosen with `--cluster`; null if it names no file, and for
 * the demo.
 * @throws UsageError for a file or option that cannot be used
 */
export function configuredClusters({
  flags,
  env,
}: Sources): { file: string; all: ConfiguredCluster[] } | null {
  const file = writtenOptions({ flags, env }).clustersFile;
  if (file === undefined || flags['demo'] === true) return null;
  const whole = wholeEnvironment({ flags, env });
  const { url: _, 'database-url': __, [ENV_FILE.flag]: ___, ...shared } = flags;
  const path = resolve(expandHome(file));
  const environments = readClusters(path, whole, thisPlace(env));
  const all = clustersMeant(flags['cluster'], [...environments.keys()]).map(name => {
    const sources = { flags: shared, env: environments.get(name)! };
    return { name, sources, config: ofCluster(name, () => readConfig(sources)) };
  });
  return { file: path, all };
}

/** Whether the file has only one cluster: then everything works as if it were configured without a file. */
export function isAlone({ flags, env }: Sources): boolean {
  const clusters = configuredClusters({ flags: { ...flags, cluster: undefined }, env });
  return clusters === null || clusters.all.length === 1;
}

/** The options for a command about one cluster. @throws UsageError if several are possible */
export function sourcesOfOne(sources: Sources): Sources {
  const clusters = configuredClusters(sources);
  if (clusters === null) {
    if (sources.flags['cluster'] === undefined) return sources;
    throw new UsageError('--cluster is given, but PROXMOX_MPC_CONFIG names no file of clusters.', {
      hint: '`proxmox-mpc init --cluster home` makes one.',
    });
  }
  const [one, ...others] = clusters.all;
  if (others.length === 0) return one!.sources;
  throw new UsageError('That is done to one cluster at a time.', {
    hint: `Say which: --cluster ${clusters.all.map(({ name }) => name).join(', or --cluster ')}.`,
  });
}

/** Adds a cluster's name to errors in its options. */
function ofCluster<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const options = error.hint === undefined ? {} : { hint: error.hint };
    throw new UsageError(`clusters.${name}: ${error.message}`, options);
  }
}

/** A runtime for each cluster, and one runner over all of them. Opens nothing yet. */
export function createClusterRuntimes(
  { file, all }: { file: string; all: readonly ConfiguredCluster[] },
  packageRoot: string,
  log: Log,
): Served {
  const members = all.map(({ name, config, sources }) => ({
    name,
    runtime: createRuntime({
      config: ofCluster(name, () => requireConnection(config)),
      demo: false,
      packageRoot,
      log: named(log, name),
      secretFiles: [...secretFiles(sources), file],
    }),
  }));
  const runtimes = members.map(({ runtime }) => runtime);
  const runners = new Map(members.map(({ name, runtime }) => [name, runtime.runner]));
  return {
    runner: createClustersRunner(runners, log),
    runtimes: runtimes as [Runtime, ...Runtime[]],
    resources: definitions => clusterResources(definitions, runners, all[0]!.config.timeZone),
    prompts: definitions => clusterPrompts(definitions, runners),
    close: async () => void (await Promise.all(runtimes.map(runtime => runtime.close()))),
  };
}

/** A single runtime. */
export function servedAlone(runtime: Runtime): Served {
  return {
    runner: runtime.runner,
    runtimes: [runtime],
    resources: definitions => definitions,
    prompts: definitions => definitions,
    close: runtime.close,
  };
}

/** The same log with the cluster's name on each line. */
function named(log: Log, cluster: string): Log {
  return {
    debug: (message, facts) => log.debug(message, { cluster, ...facts }),
    info: (message, facts) => log.info(message, { cluster, ...facts }),
    warn: (message, facts) => log.warn(message, { cluster, ...facts }),
    error: (message, facts) => log.error(message, { cluster, ...facts }),
  };
}
