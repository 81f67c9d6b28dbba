import { defineResource, type ResourceDefinition } from '../src/mcp/define-resource.ts';
import type { GuestType } from '../src/model/resource.ts';
import { guestFacts } from '../tools/support/guest-facts.ts';

function guestResource(type: GuestType, folder: string, title: string): ResourceDefinition {
  return defineResource({
    uri: `proxmox://${folder}/{vmid}`,
    name: type,
    title,
    description: `One ${title.toLowerCase()}: state, usage, running and pending configuration, snapshots.`,
    needs: ['inventory', 'config'],
    read: ({ vmid = '' }, context) => guestFacts(type, vmid, context),
    complete: async (_variable, typed, { store }) => {
      const guests = (await store.guests(type)).rows;
      return guests.map(guest => String(guest.id)).filter(id => id.startsWith(typed));
    },
  });
}

export const vmResource = guestResource('vm', 'vms', 'Virtual machine');
export const containerResource = guestResource('container', 'containers', 'Container');
