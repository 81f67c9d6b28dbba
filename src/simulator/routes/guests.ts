import { ApiError } from '../api-error.ts';
import { nodeGuestRow, statusCurrent } from '../guest-rows.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Guest, GuestType } from '../types.ts';

/** Reading a single guest needs VM.Audit on it. */
export const guestCheck = { on: '/vms/{vmid}', privileges: ['VM.Audit'] };

/**
 * The guest in a path. A guest that is missing, of the other type or on another node is all the same to PVE: its config file does
 * not exist there.
 */
export function guestOf({ state, path }: ApiRequest, type: GuestType): Guest {
  const guest = state.guests.get(Number(path.vmid));
  if (guest?.type === type && guest.node === path.node) return guest;
  const folder = type === 'qemu' ? 'qemu-server' : 'lxc';
  throw new ApiError(
    500,
    `Configuration file 'nodes/${path.node}/${folder}/${path.vmid}.conf' does not exist`,
  );
}

/** Lists of a node's guests and the live state of one. */
export const guestRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap((type): Route[] => [
  {
    path: `/nodes/{node}/${type}`,
    forwarded: true,
    query: type === 'qemu' ? { full: { type: 'boolean' } } : {},
    answer: ({ state, path, account }) =>
      [...state.guests.values()]
        .filter(
          guest =>
            guest.node === path.node &&
            guest.type === type &&
            account.rights.has(`/vms/${guest.vmid}`, 'VM.Audit'),
        )
        .map(guest => nodeGuestRow(state, guest)),
  },
  {
    path: `/nodes/{node}/${type}/{vmid}`,
    forwarded: true,
    answer: () =>
      ['config', 'pending', 'status', 'snapshot', 'rrddata', 'firewall'].map(subdir => ({ subdir })),
  },
  {
    path: `/nodes/{node}/${type}/{vmid}/status/current`,
    forwarded: true,
    check: guestCheck,
    answer: request => statusCurrent(request.state, guestOf(request, type)),
  },
]);
