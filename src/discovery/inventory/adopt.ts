import { MpcError } from '../../errors.ts';
import type { Adoption } from '../../model/adoption.ts';
import { resemblanceText } from '../../model/reason-text.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import type { Store } from '../../model/store.ts';
import { ourTime } from '../../model/time.ts';
import type { ProxmoxClient } from '../../proxmox/client.ts';
import { readInventory } from './read.ts';
import { RootCertificate } from './root-certificate.ts';
import { compareClusters } from './same-cluster.ts';

/**
 * Compares the store's cluster with the API's. Changes nothing.
 * @throws MpcError where there is nothing to compare; ProxmoxError where the API does not answer.
 */
export async function examineCluster(
  store: Store,
  client: ProxmoxClient,
  now: () => number,
): Promise<Adoption> {
  const stored = await store.cluster();
  if (stored === null)
    throw new MpcError(
      'nothing-to-adopt',
      'This store belongs to no cluster yet: its first discovery claims it.',
    );
  const api = client.run();
  const inventory = await readInventory(api, () => ourTime(now()));
  const rootFingerprint = await new RootCertificate().fingerprint(inventory, api);
  if (rootFingerprint === null)
    throw new MpcError('no-root-certificate', 'No node that is online shows its root certificate.', {
      hint: 'Try again when the nodes answer: proxmox-mpc test-connection',
    });
  const guests = (await Promise.all(GUEST_TYPES.map(type => store.guests(type)))).flatMap(list => list.rows);
  const known = {
    stored,
    nodes: await store.nodes(),
    guests: new Map(guests.map(guest => [guestKey(guest), guest])),
    configs: store.configs.bind(store),
  };
  const found = { name: inventory.clusterName ?? stored.name, rootFingerprint };
  return {
    stored,
    found,
    known: found.name === stored.name && found.rootFingerprint === stored.rootFingerprint,
    resemblance: await compareClusters(api, known, inventory),
  };
}

/**
 * Makes the store belong to the cluster that was found.
 * @throws MpcError unless it is convincingly the same, or if another program has changed the store meanwhile.
 */
export async function adoptCluster(store: Store, { stored, found, resemblance }: Adoption): Promise<void> {
  if (resemblance.verdict !== 'same')
    throw new MpcError('cluster-not-the-same', `Not adopted: ${resemblanceText(resemblance)}.`, {
      hint:
        resemblance.verdict === 'other'
          ? 'Give each cluster a database of its own (--database-url file:/path/other.db), or correct PROXMOX_URL.'
          : 'Try again when more nodes answer, and with a token that may see all guests. Where the store proves too little, begin a new one.',
    });
  const current = await store.cluster();
  if (current?.name !== stored.name || current.rootFingerprint !== stored.rootFingerprint)
    throw new MpcError('store-changed', 'Not adopted: another program has changed the store meanwhile.');
  await store.saveCluster({ ...current, ...found });
}
