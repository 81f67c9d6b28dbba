import { ApiError, badParameters } from '../api-error.ts';
import type { ApiRequest } from '../route.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest, PendingValue } from '../types.ts';
import { containerKeys, requiredKeys } from './ct-keys.ts';
import {
  asksForVolume,
  destroyUnused,
  detach,
  mountKey,
  noLongerUnused,
  storageOf,
  volumeOf,
} from './disks.ts';
import { type ConfigEdit, need, ruleOf } from './keys.ts';
import { bridgeOf, storedValue } from './values.ts';

/**
 * Changes a container's config as pve-container does: all of it, or (on an error) nothing of what is stored. What a running
 * container accepted before the error stays in effect.
 * @throws ApiError
 */
export function editContainer(request: ApiRequest, guest: Guest, edit: ConfigEdit): void {
  const { config, pending } = guest;
  guest.config = { ...config };
  guest.pending = new Map(pending);
  const applied: string[] = [];
  try {
    if (edit.set.lock !== undefined) guest.lock = String(edit.set.lock);
    const changes = new Map(changesOf(request, guest, edit));
    for (const [key, change] of changes) guest.pending.set(key, change);
    for (const key of edit.revert) guest.pending.delete(key);
    applyChanges(request.state, guest, changes, key => applied.push(key));
  } catch (error) {
    const wanted = guest.config;
    guest.config = config;
    guest.pending = pending;
    if (guest.status === 'running')
      for (const key of applied)
        if (wanted[key] !== undefined) guest.inForce = { ...guest.inForce, [key]: wanted[key] };
    throw error;
  }
}

/**
 * Applies the changes in alphabetical order; other pending changes keep waiting.
 * @throws 400
 */
function applyChanges(
  state: ClusterState,
  guest: Guest,
  changes: ReadonlyMap<string, PendingValue>,
  applied: (key: string) => void,
): void {
  for (const [key, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (guest.status === 'running') {
      if (!ruleOf(containerKeys, key)?.live) continue;
      const bridge = 'value' in change && /^net\d+$/.test(key) ? bridgeOf(change.value) : undefined;
      if (bridge !== undefined && !state.bridges.has(bridge))
        throw badParameters({ [key]: `unable to hotplug ${key}: interface ${bridge} does not exist\n` });
    }
    apply(state, guest, key, change);
    applied(key);
  }
}

function apply(state: ClusterState, guest: Guest, key: string, change: PendingValue): void {
  const now = guest.config[key];
  if (mountKey.test(key)) {
    if ('delete' in change || (now !== undefined && volumeOf(change.value) !== volumeOf(now)))
      detach(state, guest, key);
    if ('value' in change) {
      const stored = storedVolume(state, guest, key, change.value);
      noLongerUnused(guest, stored);
      guest.config[key] = stored;
    }
  } else if ('delete' in change) delete guest.config[key];
  else guest.config[key] = change.value;
  guest.pending.delete(key);
}

function storedVolume(state: ClusterState, guest: Guest, key: string, value: ConfigValue): ConfigValue {
  try {
    return storedValue(state, guest, key, value);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw badParameters({ [key]: `unable to apply pending change ${key} : ${error.message}\n` });
  }
}

function* changesOf(
  request: ApiRequest,
  guest: Guest,
  { remove, revert, set }: ConfigEdit,
): Generator<[string, PendingValue]> {
  if (revert.includes('features') && request.account.id !== 'root@pam') throw onlyRoot(featureFlags);
  for (const key of remove) {
    if (requiredKeys.test(key)) throw new ApiError(500, `unable to delete required option '${key}'`);
    refuse(request, guest, key, undefined);
    // A value that only waits is not affected by this; `revert` removes it.
    if (guest.config[key] === undefined) continue;
    if (/^unused\d+$/.test(key)) destroyUnused(guest, key);
    else yield [key, { delete: 1 }];
  }
  for (const [key, value] of Object.entries(set)) {
    if (key === 'lock') continue;
    refuse(request, guest, key, value);
    const stored = mountKey.test(key) ? value : storedValue(request.state, guest, key, value);
    if (stored === guest.config[key]) guest.pending.delete(key);
    else yield [key, { value: stored }];
  }
}

function refuse(request: ApiRequest, guest: Guest, key: string, value: ConfigValue | undefined): void {
  if (key === 'unprivileged') throw new ApiError(500, `unable to modify read-only option: '${key}'`);
  if (mountKey.test(key)) {
    if (guest.config.protection === 1)
      throw new ApiError(500, `can't update CT ${guest.vmid} drive '${key}' - protection mode enabled`);
    if (value !== undefined && asksForVolume(value))
      need(request, `/storage/${storageOf(value)}`, 'Datastore.AllocateSpace');
  }
  if (request.account.id === 'root@pam') return;
  if (key === 'features' && !nestingOnly(guest, value)) throw onlyRoot(featureFlags);
  if (/^(hookscript|dev\d+)$/.test(key)) throw onlyRoot(`changing ${key}`);
}

const featureFlags = 'changing feature flags (except nesting)';

function onlyRoot(what: string): ApiError {
  return new ApiError(403, `Permission check failed (${what} is only allowed for root@pam)`);
}

function nestingOnly(guest: Guest, value: ConfigValue | undefined): boolean {
  const others = (text: ConfigValue | undefined): string =>
    String(text ?? '')
      .split(',')
      .filter(flag => flag !== '' && !flag.startsWith('nesting='))
      .sort()
      .join(',');
  return guest.config.unprivileged === 1 && others(value) === others(guest.config.features);
}
