import { ApiError } from '../api-error.ts';
import { guestDigest } from '../digest.ts';
import { masked } from '../guest-facts.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { ConfigValue, Guest, GuestSnapshot } from '../types.ts';
import { guestCheck, guestOf } from './guests.ts';

type Row = Record<string, unknown>;

/** A guest's config, what is pending in it, and its PVE snapshots. */
export const guestConfigRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap((type): Route[] => [
  {
    path: `/nodes/{node}/${type}/{vmid}/config`,
    forwarded: true,
    check: guestCheck,
    query: { current: { type: 'boolean' }, snapshot: {} },
    answer: request => {
      const guest = guestOf(request, type);
      const { current, snapshot } = request.query;
      if (snapshot !== undefined) return snapshotConfig(snapshotOf(guest, snapshot));
      return { ...config(guest, current === '1'), lxc: guest.lxc, digest: guestDigest(guest) };
    },
  },
  {
    path: `/nodes/{node}/${type}/{vmid}/pending`,
    forwarded: true,
    check: guestCheck,
    answer: request => pending(guestOf(request, type)),
  },
  {
    path: `/nodes/{node}/${type}/{vmid}/snapshot`,
    forwarded: true,
    ordered: true,
    check: guestCheck,
    answer: request => {
      const guest = guestOf(request, type);
      const making = guest.making === undefined ? [] : [guest.making];
      const rows = [...guest.snapshots, ...making].map(({ config: _, vmstate, ...row }): Row => {
        const state = row.name === guest.making?.name ? 'prepare' : 'delete';
        const passing = [guest.making?.name, guest.removing].includes(row.name) ? { snapstate: state } : {};
        return { ...row, ...passing, ...(type === 'qemu' ? { vmstate } : {}) };
      });
      const running = guest.status === 'running' ? 1 : 0;
      rows.push({
        name: 'current',
        description: 'You are here!',
        digest: guestDigest(guest),
        running,
        parent: guest.config.parent,
      });
      return rows;
    },
  },
  {
    path: `/nodes/{node}/${type}/{vmid}/snapshot/{snapname}/config`,
    forwarded: true,
    check: { on: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Audit'] },
    answer: request => snapshotConfig(snapshotOf(guestOf(request, type), request.path.snapname!)),
  },
  ...(type === 'lxc' ? [] : [cloudInitRoute()]),
]);

function cloudInitRoute(): Route {
  return {
    path: '/nodes/{node}/qemu/{vmid}/cloudinit',
    forwarded: true,
    check: guestCheck,
    answer: (request: ApiRequest) =>
      Object.entries(guestOf(request, 'qemu').config)
        .filter(([key]) => /^(ci|ipconfig\d|sshkeys|nameserver|searchdomain)/.test(key))
        .map(([key, value]) => ({ key, value: masked(key, value) })),
  };
}

/** With `current` the running config; without it the one of the next start, with all pending changes applied. */
function config(guest: Guest, current: boolean): Row {
  const shown: Row = {};
  for (const [key, value] of Object.entries(guest.config)) shown[key] = masked(key, value);
  if (guest.lock !== undefined) shown.lock = guest.lock;
  if (current) return shown;
  for (const [key, change] of guest.pending) {
    if ('delete' in change) delete shown[key];
    else shown[key] = masked(key, change.value);
  }
  return shown;
}

function pending(guest: Guest): Row[] {
  const rows: Row[] = [];
  for (const [key, value] of Object.entries(guest.config)) {
    const change = guest.pending.get(key);
    const row: Row = { key, value: masked(key, value) };
    if (change !== undefined && 'delete' in change) row.delete = change.delete;
    else if (change !== undefined) row.pending = masked(key, change.value);
    rows.push(row);
  }
  for (const [key, change] of guest.pending) {
    if (guest.config[key] === undefined && 'value' in change)
      rows.push({ key, pending: masked(key, change.value) });
  }
  rows.push({ key: 'digest', value: guestDigest(guest) });
  return rows;
}

function snapshotOf(guest: Guest, name: string): GuestSnapshot {
  const snapshot = guest.snapshots.find(each => each.name === name);
  if (snapshot === undefined) throw new ApiError(500, `snapshot '${name}' does not exist`);
  return snapshot;
}

function snapshotConfig(snapshot: GuestSnapshot): Row {
  const shown: Record<string, ConfigValue | undefined> = {};
  for (const [key, value] of Object.entries(snapshot.config)) shown[key] = masked(key, value);
  return { ...shown, snaptime: snapshot.snaptime, parent: snapshot.parent };
}
