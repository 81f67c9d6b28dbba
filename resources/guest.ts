import { EVERYTHING } from '../src/answers/everything.ts';
import { clusterText } from '../src/answers/format/text.ts';
import { resourceFacts } from '../src/answers/resource/facts.ts';
import { UsageError } from '../src/errors.ts';
import { defineResource, type ResourceDefinition } from '../src/mcp/define/resource.ts';
import { type GuestType, guestKey } from '../src/model/resource.ts';

function guestResource(type: GuestType, folder: string, title: string): ResourceDefinition {
  return defineResource({
    uri: `proxmox://${folder}/{vmid}`,
    name: type,
    title,
    description: `One ${title.toLowerCase()}: state, usage, configuration, snapshots, latest tasks and changes.`,
    needs: ['inventory', 'tasks'],
    read: ({ vmid = '' }, context) => {
      if (!/^\d{1,9}$/.test(vmid))
        throw new UsageError(`"${clusterText(vmid, 60)}" is no vmid.`, {
          hint: 'get_resource takes names; find_resources searches them.',
        });
      return resourceFacts({ type, id: vmid }, EVERYTHING, context);
    },
    complete: async (_variable, typed, { store }) => {
      const guests = (await store.guests(type)).rows;
      return guests.map(guest => String(guest.id)).filter(id => id.startsWith(typed));
    },
    changedBy: (keys, { vmid = '' }) => keys.includes(guestKey({ type, id: vmid })),
    list: async ({ store }) =>
      (await store.guests(type)).rows.map(guest => ({
        uri: `proxmox://${folder}/${guest.id}`,
        name: guestKey(guest),
        title: guest.name === null ? `${title} ${guest.id}` : clusterText(guest.name, 80),
      })),
  });
}

/** Found by its VMID; the same facts as get_resource. */
export const vmResource = guestResource('vm', 'vms', 'Virtual machine');
/** Found by its VMID; the same facts as get_resource. */
export const containerResource = guestResource('container', 'containers', 'Container');
