import { join } from 'node:path';
import type { Host } from '../host.ts';
import { environmentOf, type Login, tellSecrets, writeSecrets } from './environment.ts';
import { rewriteFile } from './write-config.ts';

/** Adds a cluster to the file of clusters, and its secrets to files of their own. Resolves to the file. */
export async function configureCluster(cluster: string, login: Login, host: Host): Promise<string> {
  const { dataFolder } = await host.place();
  const { PROXMOX_MPC_CONFIG: named, ...variables } = login.setup.variables;
  const path = named ?? join(dataFolder, 'clusters.yaml');
  const { env, kept } = environmentOf({ ...login, setup: { ...login.setup, variables } }, dataFolder);
  // Made before any secret is written, so that an invalid name leaves nothing behind.
  host.clusterText('', cluster, env);
  await writeSecrets(kept);
  const { file, changed } = await rewriteFile(path, text => host.clusterText(text, cluster, env));
  host.output.out(`\n${changed ? 'Wrote' : 'Nothing to change about'} cluster ${cluster} in ${file}.\n`);
  tellSecrets(kept, host);
  if (named === undefined) host.output.out(`Next: set PROXMOX_MPC_CONFIG=${file}\n`);
  return file;
}
