import type { GuestEntity } from '../../model/entity.ts';
import { guestKey } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import { unreadReason } from '../common/failure-reason.ts';
import { readGuest } from './read.ts';
import type { Confirmation } from './row.ts';

/*
 * The listing is only a hint: its rows lag by up to 12 s, differ between nodes, and lack what the token may not see.
 * Whatever would make history is first confirmed by the guest itself.
 */

/** Reads each guest live. A guest that cannot be read is unconfirmed, with the reason. */
export async function confirmGuests(
  api: Api,
  guests: {
    type: GuestEntity['type'];
    id: number;
    node: string;
    known: GuestEntity | null;
    hadSnapshots: boolean;
  }[],
  now: () => OurTime,
): Promise<Map<string, Confirmation>> {
  const confirmations = await Promise.all(
    guests.map(async ({ known, ...guest }): Promise<[string, Confirmation]> => {
      try {
        return [
          guestKey(guest),
          await readGuest(api, { ...guest, live: true, identity: known?.identity ?? null }, now),
        ];
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        return [guestKey(guest), { reason: unreadReason(error) }];
      }
    }),
  );
  return new Map(confirmations);
}

/**
 * The pools among these that the token may audit: for a guest of such a pool, a listing without one means that it was removed
 * from it.
 */
export async function auditedPools(api: Api, pools: Set<string>): Promise<Set<string>> {
  const audited = await Promise.all(
    [...pools].map(async pool => {
      const path = `/pool/${pool}`;
      try {
        const held = await api.get(endpoints.access.permissions, {}, { path });
        return 'Pool.Audit' in (held[path] ?? {}) ? [pool] : [];
      } catch (error) {
        if (!(error instanceof ProxmoxError) || error.isOutage) throw error;
        return [];
      }
    }),
  );
  return new Set(audited.flat());
}
