import type { ToolContext } from './tool.ts';

/** The kinds of names that completion offers. */
export type NameKind = 'resources' | 'nodes';

/** The names of all resources of a kind in the store. */
export async function namesOf(kind: NameKind, store: ToolContext['store']): Promise<string[]> {
  if (kind === 'nodes') return (await store.nodes()).map(node => node.id);
  const [vms, containers, nodes, storages] = await Promise.all([
    store.guests('vm'),
    store.guests('container'),
    store.nodes(),
    store.storages(),
  ]);
  return [
    ...vms.rows.map(guest => `vm/${guest.id}`),
    ...containers.rows.map(guest => `container/${guest.id}`),
    ...nodes.map(node => `node/${node.id}`),
    ...storages.map(storage => `storage/${storage.id}`),
  ];
}
