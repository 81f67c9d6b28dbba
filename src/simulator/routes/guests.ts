import { ApiError } from '../api-error.ts';
import { digestOf } from '../digest.ts';
import { nodeGuestRow, statusCurrent } from '../guest-rows.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Guest, GuestType } from '../types.ts';

/** Reading a single guest needs VM.Audit on it. */
export const guestCheck = { on: '/vms/{vmid}', privileges: ['VM.Audit'] };

/**
 * The guest a path names. One that is missing, of the other type or on another node is the same to PVE: its config
 * file does not exist there.
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
  {
    path: `/nodes/{node}/${type}/{vmid}/firewall/options`,
    forwarded: true,
    check: guestCheck,
    answer: request => ({ enable: 1, digest: digestOf(guestOf(request, type).vmid) }),
  },
  {
    // Read from the cluster file system by the node that is asked: works while the guest's node is dead.
    path: `/nodes/{node}/${type}/{vmid}/firewall/rules`,
    check: guestCheck,
    answer: request => {
      const digest = digestOf(`${request.path.vmid}`);
      return [
        {
          pos: 0,
          type: 'in',
          action: 'ACCEPT',
          proto: 'tcp',
          dport: '22',
          comment: 'ssh',
          enable: 1,
          digest,
        },
      ];
    },
  },
]);
