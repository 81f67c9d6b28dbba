import { EVERYTHING } from '../src/answers/everything.ts';
import { resourceFacts } from '../src/answers/resource/facts.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

/** Found by its name; the same facts as get_resource. */
export const nodeResource = defineResource({
  uri: 'proxmox://nodes/{node}',
  name: 'node',
  title: 'Node',
  description:
    'One node: status, load, what is allocated, version, its guests by name, latest tasks and changes.',
  needs: ['inventory', 'datacenter', 'details', 'tasks'],
  read: ({ node = '' }, context) => resourceFacts({ type: 'node', id: node }, EVERYTHING, context),
  complete: async (_variable, typed, { store }) =>
    (await store.nodes()).map(node => node.id).filter(id => id.startsWith(typed)),
  changedBy: (keys, { node }) => keys.includes(`node/${node}`),
  list: async ({ store }) =>
    (await store.nodes()).map(node => ({
      uri: `proxmox://nodes/${encodeURIComponent(node.id)}`,
      name: `node/${node.id}`,
      title: `Node ${node.id}`,
    })),
});
