import type { Cost } from '../children/discovery.ts';
import { type Child, startChild } from './child.ts';
import { stagedPackage } from './package.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

let bundled: Promise<string> | null = null;

/** A process that discovers a cluster into a store, bundled as the product is. */
export interface Discoverer {
  pid: number;
  discover(facets?: string[]): Promise<Cost>;
  bare(paths: string[]): Promise<Cost>;
  versions(): Promise<number>;
  stop(): Promise<void>;
}

export async function startDiscoverer(
  { url, token, ca }: SimulatedCluster,
  databaseUrl: string,
  execArgv: string[] = [],
): Promise<Discoverer> {
  const { root, bundle } = await stagedPackage();
  bundled ??= bundle('discovery.ts');
  const child: Child = startChild(await bundled, { execArgv });
  await child.ask('open', { url, token, ca, databaseUrl, packageRoot: root });
  return {
    pid: child.pid,
    discover: facets => child.ask<Cost>('discover', facets ? { facets } : {}),
    bare: paths => child.ask<Cost>('bare', { paths }),
    versions: () => child.ask<number>('versions'),
    stop: async () => {
      await child.ask('close');
      await child.stop();
    },
  };
}
