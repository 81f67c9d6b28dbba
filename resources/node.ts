import { UsageError } from '../src/errors.ts';
import { defineResource } from '../src/mcp/define-resource.ts';
import { formatTime } from '../src/state/moment.ts';
import { nodeRow } from '../tools/support/node-rows.ts';

export const nodeResource = defineResource({
  uri: 'proxmox://nodes/{node}',
  name: 'node',
  title: 'Node',
  description: 'One node: status, load, what is allocated, version, and its guests by name.',
  needs: ['inventory', 'details'],
  read: async ({ node: name = '' }, { store, timeZone }) => {
    const node = (await store.nodes()).find(one => one.id === name);
    if (node === undefined)
      throw new UsageError(`There is no node ${name.slice(0, 60)}.`, {
        hint: 'list_nodes shows those there are.',
      });
    const [vms, containers] = await Promise.all([
      store.guests('vm', { node: name }),
      store.guests('container', { node: name }),
    ]);
    const guests = [...vms.rows, ...containers.rows];
    return {
      resource: `node/${name}`,
      ...nodeRow(node, guests),
      started_at: node.startedAt === null ? null : formatTime(node.startedAt, timeZone),
      guest_names: guests
        .slice(0, 200)
        .map(guest => `${guest.type}/${guest.id}${guest.name === null ? '' : ` ${guest.name}`}`),
    };
  },
  complete: async (_variable, typed, { store }) =>
    (await store.nodes()).map(node => node.id).filter(id => id.startsWith(typed)),
});
