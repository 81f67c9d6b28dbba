import { EVERYTHING } from '../src/answers/everything.ts';
import { resourceFacts } from '../src/answers/resource/facts.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

/** Found by its name; the same facts as get_resource. */
export const storageResource = defineResource({
  uri: 'proxmox://storage/{storage}',
  name: 'storage',
  title: 'Storage',
  description: 'One storage: its definition, how each node sees it, how full it is, latest changes.',
  needs: ['inventory', 'storage'],
  read: ({ storage = '' }, context) => resourceFacts({ type: 'storage', id: storage }, EVERYTHING, context),
  complete: async (_variable, typed, { store }) =>
    (await store.storages()).map(storage => storage.id).filter(id => id.startsWith(typed)),
  changedBy: (keys, { storage }) => keys.includes(`storage/${storage}`),
  list: async ({ store }) =>
    (await store.storages()).map(storage => ({
      uri: `proxmox://storage/${encodeURIComponent(storage.id)}`,
      name: `storage/${storage.id}`,
      title: `Storage ${storage.id}`,
    })),
});
