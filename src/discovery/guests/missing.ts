import type { GuestEntity } from '../../model/entity.ts';
import type { InventoryObservation } from '../../model/observation.ts';
import { guestKey, guestPath } from '../../model/resource.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Absence } from '../common/absence.ts';
import type { Api } from '../common/api.ts';
import { lostSight } from '../common/failure-reason.ts';
import { cutOff } from './row.ts';

/** Most missing guests asked about in one run; the others stay out of sight until later runs. */
const MISSING_PROBES_AT_MOST = 1_000;

/**
 * Asks about each missing guest, at most twice. Its last node knows whether it is still there: Proxmox checks rights before
 * existence, so lost rights answer 403. Where it is not there, or the node is gone, the cluster's register of VMIDs decides,
 * since the guest may have moved; on a node that is cut off that register is outdated.
 */
export async function findMissing(
  api: Api,
  missing: GuestEntity[],
  inventory: InventoryObservation,
): Promise<Map<string, Absence>> {
  const found = new Map<string, Absence>();
  let listingIsShort = false;
  const probe = async (guest: GuestEntity): Promise<Absence> => {
    if (listingIsShort) return { verdict: 'left out', reason: { code: 'listing-short' } };
    const online = inventory.online.has(guest.nodeId);
    try {
      if (online && (await stands(api, guest))) {
        listingIsShort = true;
        return { verdict: 'left out', reason: { code: 'listing-short-of', what: 'guest' } };
      }
      if (!inventory.ofMajority) return { verdict: 'unseen', reason: cutOff(inventory) };
      const reused = inventory.guests.some(row => row.id === guest.id);
      if (reused || !(await isTaken(api, guest.id))) return { verdict: 'deleted' };
      return {
        verdict: 'unseen',
        // Whoever stands on a node that is off is listed there: this one may be anywhere.
        reason: { code: online ? 'moved-unlisted' : 'not-listed' },
      };
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      return { verdict: 'unseen', reason: lostSight(error) };
    }
  };
  // The first few come first: if they still exist the listing was short, and the rest need not be asked.
  const first = missing.slice(0, 3);
  const rest = missing.slice(3, MISSING_PROBES_AT_MOST);
  for (const group of [first, rest]) {
    const absences = await Promise.all(group.map(probe));
    for (const [index, guest] of group.entries()) found.set(guestKey(guest), absences[index]!);
  }
  for (const guest of missing.slice(MISSING_PROBES_AT_MOST)) {
    found.set(guestKey(guest), {
      verdict: 'unseen',
      reason: { code: 'not-asked-yet' },
    });
  }
  if (listingIsShort) {
    // A listing that was wrong once proves no deletion in this run.
    for (const [key, absence] of found) {
      if (absence.verdict === 'deleted')
        found.set(key, { verdict: 'left out', reason: { code: 'listing-short' } });
    }
  }
  return found;
}

/** Whether the guest is still on its last known node. @throws ProxmoxError where that cannot be told, or may not. */
async function stands(api: Api, guest: GuestEntity): Promise<boolean> {
  const family = guestPath(guest.type) === 'qemu' ? endpoints.qemu : endpoints.lxc;
  try {
    await api.get(family.config, { node: guest.nodeId, vmid: guest.id });
    return true;
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'not-found') return false;
    throw error;
  }
}

/** Whether any guest of the cluster has this VMID: PVE answers that whatever the token may see. */
async function isTaken(api: Api, vmid: number): Promise<boolean> {
  try {
    await api.get(endpoints.cluster.nextId, {}, { vmid });
    return false;
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'taken') return true;
    throw error;
  }
}
