import { splitProperty } from '../property-string.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest, PendingValue } from '../types.ts';
import { driveKey, isCdrom, volumeOf } from './disks.ts';
import { ruleOf } from './keys.ts';
import { bridgeOf } from './values.ts';
import { hotplugOf, vmKeys } from './vm-keys.ts';

/** A device cannot be plugged or unplugged: the change waits, and the answer says so. */
export class PlugError extends Error {}

/** Memory is plugged in units of this size (MiB). */
const dimmMib = 512;
/** Parts of a disk that QEMU can throttle while it runs. */
const throttle = /^(iops|mbps|backup|replicate|ro$|size$)/;

/**
 * Whether a running VM accepts a change immediately; false: it waits for a restart. `change` may be altered, since less may be
 * plugged than was requested.
 * @throws PlugError
 */
export function takesAtOnce(state: ClusterState, guest: Guest, key: string, change: PendingValue): boolean {
  const now = guest.config[key];
  const wanted = 'value' in change ? change.value : undefined;
  if (ruleOf(vmKeys, key)?.live || /^unused\d+$/.test(key)) return true;
  const hotplug = hotplugOf(guest.config);
  switch (key) {
    case 'hotplug':
      return !/cpu|memory/.test(`${now}${wanted}`);
    case 'balloon':
      return Number(now ?? 0) > 0 && Number(wanted ?? 0) > 0;
    case 'vcpus':
      return hotplug.has('cpu');
    case 'memory':
      return hotplug.has('memory') && 'value' in change && plugMemory(guest, change);
    case 'agent':
      return now !== undefined && wanted !== undefined && enabled(now) === enabled(wanted);
  }
  if (/^net\d+$/.test(key)) return hotplug.has('network') && plugCard(state, guest, key, wanted);
  if (driveKey.test(key)) return plugDrive(guest, key, wanted, hotplug.has('disk'));
  return false;
}

function enabled(agent: ConfigValue): string | undefined {
  return splitProperty('agent', agent)?.enabled;
}

function plugMemory(guest: Guest, change: { value: ConfigValue }): true {
  if (guest.config.numa !== 1) throw new PlugError('numa needs to be enabled for memory hotplug');
  const now = Number(guest.config.memory);
  change.value = String(now + Math.trunc((Number(change.value) - now) / dimmMib) * dimmMib);
  return true;
}

function unplug(guest: Guest, device: string): void {
  if (guest.refusesUnplug)
    throw new PlugError(`error on hot-unplugging device '${device}' - still busy in guest?\n`);
}

function plugCard(state: ClusterState, guest: Guest, key: string, wanted: ConfigValue | undefined): true {
  const now = guest.config[key];
  if (wanted === undefined) {
    unplug(guest, key);
    return true;
  }
  if (now !== undefined) {
    const [before, after] = [splitProperty(key, now)!, splitProperty(key, wanted)!];
    if (['model', 'macaddr', 'mtu', 'queues'].some(part => before[part] !== after[part])) unplug(guest, key);
  }
  const bridge = bridgeOf(wanted);
  if (bridge !== undefined && !state.bridges.has(bridge))
    throw new PlugError(`interface ${bridge} does not exist\n`);
  return true;
}

function plugDrive(guest: Guest, key: string, wanted: ConfigValue | undefined, may: boolean): boolean {
  const now = guest.config[key];
  const pluggable = may && /^(scsi|virtio)\d+$/.test(key);
  if (now === undefined) return pluggable && !isCdrom(wanted);
  if (wanted === undefined) {
    if (!pluggable || isCdrom(now)) return false;
    unplug(guest, key);
    return true;
  }
  if (isCdrom(now) || isCdrom(wanted))
    return isCdrom(now) && isCdrom(wanted) && !/cloudinit/.test(`${now}${wanted}`);
  if (volumeOf(now) !== volumeOf(wanted)) return false;
  const [before, after] = [splitProperty(key, now)!, splitProperty(key, wanted)!];
  return Object.keys({ ...before, ...after }).every(
    part => before[part] === after[part] || throttle.test(part),
  );
}
