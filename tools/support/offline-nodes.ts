import type { StoreReader } from '../../src/model/store.ts';

/** Nodes whose guests cannot be seen at present: those that are not online, and those that left and are still named. */
export async function offlineNodes(store: StoreReader): Promise<Set<string>> {
  const nodes = await store.nodes({ online: false, includeRemoved: true });
  const named = await Promise.all(
    nodes.map(async node => !node.removed || (await hasGuests(store, node.id))),
  );
  return new Set(nodes.filter((_, n) => named[n]).map(node => node.id));
}

async function hasGuests(store: StoreReader, node: string): Promise<boolean> {
  const page = { limit: 1 };
  const [vms, containers] = await Promise.all([
    store.guests('vm', { node }, undefined, page),
    store.guests('container', { node }, undefined, page),
  ]);
  return vms.total + containers.total > 0;
}
