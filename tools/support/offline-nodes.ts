import type { StoreReader } from '../../src/model/store.ts';

/** Nodes whose guests cannot be seen at present. */
export async function offlineNodes(store: StoreReader): Promise<Set<string>> {
  const nodes = await store.nodes();
  return new Set(nodes.filter(node => node.status !== 'online').map(node => node.id));
}
