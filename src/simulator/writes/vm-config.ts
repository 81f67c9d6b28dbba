import { ApiError, badParameters } from '../api-error.ts';
import type { ApiRequest } from '../route.ts';
import type { ClusterState } from '../state.ts';
import type { Guest } from '../types.ts';
import {
  asksForVolume,
  bootDevices,
  bootWithout,
  destroyUnused,
  detach,
  driveKey,
  isCdrom,
  noLongerUnused,
  storageOf,
  volumeOf,
} from './disks.ts';
import { type ConfigEdit, need } from './keys.ts';
import { storedValue } from './values.ts';
import { PlugError, takesAtOnce } from './vm-plug.ts';

/**
 * Changes a VM's config as `update_vm_api` does, key by key: first everything is stored as pending, then it is applied. If that
 * fails half-way, the changes before it stay pending.
 * @throws ApiError
 */
export function editVm(request: ApiRequest, guest: Guest, edit: ConfigEdit): void {
  for (const key of edit.remove) noteRemoval(request, guest, key, edit);
  for (const key of edit.revert) guest.pending.delete(key);
  // Perl's hashes have no defined order.
  for (const key of request.order.shuffle(Object.keys(edit.set))) noteValue(request, guest, key, edit);
  applyPending(request.state, guest);
}

/**
 * Applies pending changes: all of them in a stopped VM, those that can be plugged in a running one.
 * @throws 400
 */
export function applyPending(state: ClusterState, guest: Guest): void {
  const errors: Record<string, string> = {};
  for (const [key, change] of guest.pending) {
    try {
      if (guest.status === 'running' && !takesAtOnce(state, guest, key, change)) continue;
    } catch (error) {
      if (!(error instanceof PlugError)) throw error;
      errors[key] = `hotplug problem - ${error.message}`;
      continue;
    }
    apply(state, guest, key);
  }
  if (Object.keys(errors).length > 0) throw badParameters(errors);
}

function apply(state: ClusterState, guest: Guest, key: string): void {
  const change = guest.pending.get(key)!;
  const now = guest.config[key];
  const replaced = 'value' in change && now !== undefined && volumeOf(change.value) !== volumeOf(now);
  if (driveKey.test(key) && ('delete' in change || replaced)) {
    detach(state, guest, key);
    if ('delete' in change && change.delete === 2 && now !== undefined) {
      const unused = Object.keys(guest.config).find(
        each => /^unused\d+$/.test(each) && guest.config[each] === volumeOf(now),
      );
      if (unused !== undefined) delete guest.config[unused];
    }
  }
  if ('delete' in change || (key === 'boot' && change.value === ' ')) delete guest.config[key];
  else {
    if (driveKey.test(key)) noLongerUnused(guest, change.value);
    guest.config[key] = change.value;
  }
  guest.pending.delete(key);
}

function noteRemoval(request: ApiRequest, guest: Guest, key: string, { force }: ConfigEdit): void {
  const value = guest.config[key];
  if (value === undefined) {
    guest.pending.delete(key);
    return;
  }
  const drive = driveKey.test(key);
  if (/^unused\d+$/.test(key)) {
    refuseProtected(guest, `can't remove unused disk '${key}'`);
    need(request, `/storage/${storageOf(value)}`, 'Datastore.AllocateSpace');
    destroyUnused(guest, key);
    return;
  }
  if (drive && !isCdrom(value)) refuseProtected(guest, `can't remove drive '${key}'`);
  guest.pending.set(key, { delete: force && drive ? 2 : 1 });
  const waiting = guest.pending.get('boot');
  const boot = waiting !== undefined && 'value' in waiting ? waiting.value : guest.config.boot;
  const rest = bootWithout(boot, key);
  if (rest !== undefined) guest.pending.set('boot', { value: rest });
}

function noteValue(request: ApiRequest, guest: Guest, key: string, edit: ConfigEdit): void {
  const { state } = request;
  const value = edit.set[key]!;
  if (key === 'boot') checkBoot(guest, edit);
  if (driveKey.test(key)) checkDriveRights(request, edit, key);
  const stored = storedValue(state, guest, key, value);
  if (stored === guest.config[key]) guest.pending.delete(key);
  else guest.pending.set(key, { value: stored });
  if (driveKey.test(key) && isCdrom(stored) && guest.config[key] === undefined) {
    const devices = bootDevices(guest.config.boot);
    if (devices.length > 0) guest.pending.set('boot', { value: `order=${[...devices, key].join(';')}` });
  }
}

function checkBoot(guest: Guest, { set, remove }: ConfigEdit): void {
  for (const device of bootDevices(set.boot)) {
    const waiting = guest.pending.get(device);
    const exists =
      guest.config[device] ?? set[device] ?? (waiting && 'value' in waiting ? waiting : undefined);
    if (exists === undefined || remove.includes(device))
      throw new ApiError(500, `invalid bootorder: device '${device}' does not exist'`);
  }
}

function checkDriveRights(request: ApiRequest, { set }: ConfigEdit, key: string): void {
  const value = set[key]!;
  const storage = storageOf(value);
  if (storage === undefined) return;
  const path = `/storage/${storage}`;
  if (asksForVolume(value)) need(request, path, 'Datastore.AllocateSpace');
  else if (isCdrom(value)) need(request, path, 'Datastore.AllocateSpace', 'Datastore.Audit');
}

function refuseProtected(guest: Guest, what: string): void {
  if (guest.config.protection === 1) throw new ApiError(500, `${what} - protection mode enabled`);
}
