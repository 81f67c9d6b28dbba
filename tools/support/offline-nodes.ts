import type { StoreReader } from '../../src/model/store.ts';

/** Nodes whose guests cannot be seen at present. */
export async function offlineNodes(store: StoreReader): Promise<Set<string>> {
  return new Set((await store.nodes({ online: false })).map(node => node.id));
}
