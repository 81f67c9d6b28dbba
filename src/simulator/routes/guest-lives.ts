import { ApiError } from '../api-error.ts';
import { isTemplate } from '../guest-facts.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { Guest, GuestType } from '../types.ts';
import { causeOf, setStoppedByTask } from '../world/act.ts';
import { addGuest, removeGuest } from '../world/census.ts';
import { configMutations } from '../world/config.ts';
import { copyMutations } from '../world/copies.ts';
import { createdGuest } from '../writes/create.ts';
import { containerKeys } from '../writes/ct-keys.ts';
import { detach, volumeOf } from '../writes/disks.ts';
import { ruleOf } from '../writes/keys.ts';
import { lockedText, ordered, runApiTask } from '../writes/run-task.ts';
import { vmKeys } from '../writes/vm-keys.ts';
import { guestOf } from './guests.ts';

const flag = { type: 'boolean' } as const;
const vmid = { type: 'integer', minimum: 100, maximum: 999_999_999, required: true } as const;
const allocate = { on: '/vms/{vmid}', privileges: ['VM.Allocate'] };

/** Creating, copying, converting and destroying guests. */
export const guestLifeRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap((type): Route[] => {
  const base = `/nodes/{node}/${type}`;
  const keys = type === 'qemu' ? vmKeys : containerKeys;
  const creation = { vmid, pool: {}, start: flag, ostemplate: {}, password: {}, storage: {} };
  return [
    {
      method: 'POST',
      path: base,
      forwarded: true,
      parameters: { rules: creation, family: name => ruleOf(keys, name) },
      answer: request => create(request, type),
    },
    {
      method: 'POST',
      path: `${base}/{vmid}/clone`,
      forwarded: true,
      check: { on: '/vms/{vmid}', privileges: ['VM.Clone'] },
      parameters: {
        rules: { newid: vmid, name: {}, hostname: {}, full: flag, target: {}, pool: {}, storage: {} },
      },
      answer: request => clone(request, type),
    },
    {
      method: 'POST',
      path: `${base}/{vmid}/template`,
      forwarded: true,
      check: allocate,
      answer: request => {
        const guest = unlocked(request, type);
        if (guest.snapshots.length > 0) {
          const what = type === 'qemu' ? 'VM' : 'CT';
          throw new ApiError(500, `unable to create template, because ${what} contains snapshots`);
        }
        const task = type === 'qemu' ? 'qmtemplate' : 'vztemplate';
        const upid = configMutations(request.state).convertToTemplate(guest.vmid, ordered(request, task));
        // A container's task also runs, but its UPID is not returned.
        return type === 'qemu' ? upid : null;
      },
    },
    {
      method: 'DELETE',
      path: `${base}/{vmid}`,
      forwarded: true,
      check: allocate,
      parameters: { rules: { purge: flag, force: flag, skiplock: flag, 'destroy-unreferenced-disks': flag } },
      answer: request => destroy(request, type),
    },
    {
      method: 'POST',
      path: `${base}/{vmid}/${type === 'qemu' ? 'move_disk' : 'move_volume'}`,
      forwarded: true,
      check: { on: '/vms/{vmid}', privileges: ['VM.Config.Disk'] },
      parameters: {
        rules: { disk: {}, volume: {}, storage: { required: true }, delete: flag, format: {}, digest: {} },
      },
      answer: request => moveDisk(request, type),
    },
  ];
});

function unlocked(request: ApiRequest, type: GuestType): Guest {
  const guest = guestOf(request, type);
  const locked = lockedText(guest);
  if (locked !== undefined) throw new ApiError(500, locked);
  return guest;
}

function create(request: ApiRequest, type: GuestType): string {
  const { state, body, account } = request;
  const id = Number(body.vmid);
  const taken = state.guests.get(id);
  if (taken !== undefined && type === 'lxc')
    throw new ApiError(500, `CT ${id} already exists on node '${taken.node}'`);
  if (!account.rights.has(`/vms/${id}`, 'VM.Allocate')) throw new ApiError(403, 'Permission check failed');
  if (taken !== undefined)
    throw new ApiError(500, `unable to create VM ${id} - VM ${id} already exists on node '${taken.node}'`);
  const prefix = type === 'qemu' ? 'qm' : 'vz';
  return runApiTask(request, {
    type: `${prefix}create`,
    id: String(id),
    act: task => {
      const guest = createdGuest(request, type, id);
      if (body.pool !== undefined) guest.pool = body.pool;
      addGuest(state, guest, causeOf(task));
    },
  });
}

function clone(request: ApiRequest, type: GuestType): string {
  const { state, body, account } = request;
  const newid = Number(body.newid);
  if (!account.rights.has(`/vms/${newid}`, 'VM.Allocate')) throw new ApiError(403, 'Permission check failed');
  const guest = unlocked(request, type);
  if (state.guests.has(newid))
    throw new ApiError(500, `unable to create VM ${newid}: config file already exists`);
  const name = type === 'qemu' ? body.name : body.hostname;
  const linked = isTemplate(guest) && body.full !== '1';
  return copyMutations(state).cloneGuest(
    guest.vmid,
    { newid, linked, ...(name === undefined ? {} : { name }), ...(body.target && { node: body.target }) },
    ordered(request, type === 'qemu' ? 'qmclone' : 'vzclone'),
  ).upid;
}

function destroy(request: ApiRequest, type: GuestType): string {
  const { state, body } = request;
  const guest = guestOf(request, type);
  const [what, folder] = type === 'qemu' ? ['VM', 'qm'] : ['CT', 'vz'];
  if (guest.config.protection === 1)
    throw new ApiError(500, `can't remove ${what} ${guest.vmid} - protection mode enabled`);
  if (state.ha.has(guest.vmid) && body.purge !== '1')
    throw new ApiError(
      500,
      `unable to remove ${what} ${guest.vmid} - used in HA resources and purge parameter not set.`,
    );
  const forced = type === 'lxc' && body.force === '1';
  if (guest.status === 'running' && !forced)
    throw new ApiError(500, `${what} ${guest.vmid} is running - destroy failed`);
  if (type === 'lxc') unlocked(request, type);
  return runApiTask(request, {
    type: `${folder}destroy`,
    refuse: () => lockedText(guest),
    act: task => {
      if (guest.status === 'running') state.changeGuest(guest, causeOf(task), () => setStoppedByTask(guest));
      removeGuest(state, guest, causeOf(task));
    },
  });
}

function moveDisk(request: ApiRequest, type: GuestType): string {
  const { state, body } = request;
  const guest = unlocked(request, type);
  const key = body.disk ?? body.volume ?? '';
  const value = String(guest.config[key]);
  if (guest.config[key] === undefined) throw new ApiError(500, `disk '${key}' does not exist`);
  if (value.startsWith(`${body.storage}:`))
    throw new ApiError(500, "you can't move to the same storage with same format");
  if (type === 'lxc' && guest.status === 'running')
    throw new ApiError(500, 'cannot move volumes of a running container');
  return runApiTask(request, {
    type: type === 'qemu' ? 'qmmove' : 'move_volume',
    act: task =>
      state.changeGuest(guest, causeOf(task), () => {
        const [source = '', ...options] = value.split(',');
        const moved = `${body.storage}:${volumeOf(source).replace(/^[^:]+:/, '')}`;
        if (body.delete !== '1') detach(state, guest, key);
        guest.config[key] = [moved, ...options].join(',');
      }),
  });
}
